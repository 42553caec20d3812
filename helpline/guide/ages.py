"""Whether a family says that the person inside is under 18, which changes some answers."""

import re
from typing import Final

ADULT: Final = 18
_YOUNGEST: Final = 15
"""Below that a child is far more often at home than in custody: "my 9 year old misses him"."""
_OLDEST: Final = 99
_NUMBERS: Final = {"fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19}
_AGE: Final = rf"(?P<age>\d\d|{'|'.join(_NUMBERS)})"
_OTHER_UNITS: Final = (
    r"(?!\s*(?:days?|weeks?|wks?|months?|hours?|hrs?|mins?|minutes?|stone|mg|ml|times|pounds?|quid"
    r"|st|nd|rd|th|pm|am|%|[:/.]\d|\s?years?\s(?:in|inside|left|for|ago|sentence)))"
)
_PERSON: Final = (
    r"(?:he|she|they|my (?:son|lad|boy|daughter|girl|brother|sister|grandson|granddaughter|nephew"
    r"|niece|cousin))"
)
_SAID: Final = (
    re.compile(
        rf"(?<!i'm a )(?<!im a )(?<!i am a )(?<!i'm )(?<!im )(?<!i am )\b{_AGE}"
        r"[ -]?(?:years?|yrs?)[ -]?old\b|(?<!i'm )(?<!im )(?<!i am )\b"
        + _AGE.replace("age", "short", 1)
        + r" ?(?:yo|y/o)\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b{_PERSON}(?:'s|s|'re|re| is| are| has| have)?(?: only| just| still| not even)?"
        rf"(?: turned| aged)? {_AGE}\b{_OTHER_UNITS}",
        re.IGNORECASE,
    ),
)


def is_under_18(text: str) -> bool | None:
    """Return what `text` says about the age of the person inside; None when it says nothing.

    Only a plain statement counts ("hes only 16", "my 17 year old"). Of several ages the first does.
    """
    for pattern in _SAID:
        for found in pattern.finditer(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")):
            said = next(value for value in found.groupdict().values() if value)
            age = _NUMBERS.get(said.lower()) or int(said)
            if _YOUNGEST <= age <= _OLDEST:
                return age < ADULT
    return None
