"""Finds where a message could fall into two questions.

Families join two questions with a full stop, "and also", "but" or nothing at all, so every such
place is tried: the message is cut in two there, and the classifier is asked about both halves.
Where a half is not clear, or both have the same topic, it was one question after all.
"""

import re
from typing import List, Tuple

MIN_WORDS = 3  # a shorter half means too little to be a question
WORD_BUDGET = 120  # of all halves together: each word costs about half a millisecond to read

_STRONG = re.compile(
    r"[.?!;\n]+|\s[-\u2013\u2014]+\s"
    r"|,?\s+(?:and\s+)?(?:also|plus|another thing|second(?:ly)?|one more thing)\b,?",
    re.IGNORECASE,
)
_WEAK = re.compile(r",?\s+(?:and|but|so|or)\s+|,\s*", re.IGNORECASE)


def split(text: str) -> List[Tuple[str, str]]:
    """Return the ways to cut `text` in two, the clearest first; none when it is too short.

    A full stop or "also" is a clearer place than a comma or "and". Long messages are cut in fewer
    places, so that reading them stays quick.
    """
    words = len(text.split())
    cuts = _cuts(text, _STRONG) + _cuts(text, _WEAK)
    different = list(dict.fromkeys(cuts))
    return different[: WORD_BUDGET // max(words, 1)]


def _cuts(text: str, places: "re.Pattern[str]") -> List[Tuple[str, str]]:
    halves = (
        (text[: place.start()].strip(" ,"), text[place.end() :].strip(" ,"))
        for place in places.finditer(text)
    )
    return [cut for cut in halves if all(len(half.split()) >= MIN_WORDS for half in cut)]
