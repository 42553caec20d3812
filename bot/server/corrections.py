"""Finds the words with which a family takes back what was understood: "no I meant the hospital".

What they meant comes after those words, and only that is looked up. That it is a correction is
passed on: the topic that was just answered is not meant, and less certainty is needed.
"""

import re
from typing import Tuple

_NO = r"(?:no|nah|nope|sorry|oh|wait|hang on|actually)"
_NOT_THAT = (
    r"(?:not that(?: one)?|not what i (?:meant|asked)"
    r"|that'?s not (?:it|right|what i (?:meant|mean|asked|said)))"
)
_MEANT = (
    r"(?:i mean|i meant|i'm (?:asking|talking) about|i was (?:asking|talking) about"
    r"|what i mean(?:t)? (?:is|was)|i want(?:ed)? to know about|it'?s about|i said|i asked)"
)
_REST = r"(?:about\s+)?(?=\w+\s+\w)"  # two words at least are left
_CORRECTIONS = (
    re.compile(rf"^(?:{_NO}[\s,.!:-]+)*{_NOT_THAT}[,.!:-]+\s*(?:{_MEANT}\s+)?{_REST}"),
    re.compile(rf"^(?:(?:{_NO}|{_NOT_THAT})[\s,.!:-]+)+{_MEANT}\s+{_REST}"),
    re.compile(rf"^(?:i meant|what i meant was)\s+{_REST}"),
)


def meant(text: str) -> Tuple[str, bool]:
    """Return what is meant in a tidied message, and whether it corrects what was understood."""
    for correction in _CORRECTIONS:
        found = correction.match(text)
        if found:
            return text[found.end() :], True
    return text, False
