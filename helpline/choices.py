"""Which of the offered choices a family means by "2", "the second one" or the words themselves."""

import re
from collections.abc import Sequence

from helpline.guide.replies import Choice

_ORDER = (
    ("1", "one", "first", "a"),
    ("2", "two", "second", "b"),
    ("3", "three", "third", "c"),
    ("4", "four", "fourth", "d"),
    ("5", "five", "fifth", "e"),
)
_FILLER = frozenset({"the", "one", "number", "option", "please", "pls", "no", "choice", "answer"})


def resolve(text: str, choices: Sequence[Choice]) -> Choice | None:
    """Return the choice that `text` plainly picks, or None.

    Only a message that is nothing but a pick counts: "2 days without insulin" picks nothing.
    """
    said = _plain(text)
    for choice in choices:
        if said == _plain(choice.label):
            return choice
    words = said.split()
    # "one" is a number by itself and filler in "the second one".
    meant = [word for word in words if word not in _FILLER] or words[-1:]
    if len(meant) != 1:
        return None
    for position, names in enumerate(_ORDER[: len(choices)]):
        if meant[0] in names:
            return choices[position]
    if meant[0] == "last" and choices:
        return choices[-1]
    return None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
