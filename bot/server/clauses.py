"""Splits a message into the parts that could each be a question of their own.

Families join two questions with a full stop, "and also", "plus" or nothing at all. A part counts
only when it has enough words to mean something.
"""

import re
from typing import List

MIN_WORDS = 4
MAX_PARTS = 6  # a longer story is read as a whole: more parts only mean more chances to be wrong

_BREAK = re.compile(
    r"[.?!;\n]+"
    r"|\s[-\u2013\u2014]+\s"
    r"|,?\s+(?:and\s+)?(?:also|plus|another thing|second(?:ly)?|one more thing)\b,?"
    r"|,\s*(?:and|but|or)\s+(?=(?:how|what|who|why|when|where|can|could|do|does|is|are|will)\b)"
    r"|\s+and\s+(?=(?:how (?:do|does|can|long)|what (?:do|does|is|can)|who (?:do|can|is)|why|"
    r"can (?:i|he|she|they|we|you)|do (?:i|they|you)|does (?:he|she)|is there|are there|"
    r"will (?:he|she|they|i)|where)\b)",
    re.IGNORECASE,
)


def split(text: str) -> List[str]:
    """Return the parts of `text` in order; empty unless there are between two and MAX_PARTS."""
    parts = [part.strip(" ,") for part in _BREAK.split(text)]
    parts = [part for part in parts if len(part.split()) >= MIN_WORDS]
    return parts if 1 < len(parts) <= MAX_PARTS else []
