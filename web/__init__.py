"""The public web chat and its JSON API. Works without JavaScript."""
