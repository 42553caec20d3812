"""The action server: chooses topics and wording from the guide. It never writes the database."""
