"""What can be read at all: messages without a word, and messages in another script."""

import unicodedata
from collections import Counter

OTHER_SCRIPT_SHARE = 0.5


def unreadable(text: str) -> str | None:
    """Return the phrase that answers a message the guide cannot read, None for one it can.

    "emoji_only" for a message with no letter and no digit; "other_language" when most of its
    letters are not Latin. Other languages in Latin letters are not told apart here.
    """
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return None if any(char.isdigit() for char in text) else "emoji_only"
    scripts = Counter(_is_latin(char) for char in letters)
    return "other_language" if scripts[False] / len(letters) > OTHER_SCRIPT_SHARE else None


def _is_latin(char: str) -> bool:
    return char.isascii() or unicodedata.name(char, "").startswith("LATIN")
