"""Which of the offered choices a family means by "2", "the second one" or the words themselves."""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from helpline.guide.replies import Choice

_ORDER = (
    ("1", "one", "first", "a"),
    ("2", "two", "second", "b"),
    ("3", "three", "third", "c"),
    ("4", "four", "fourth", "d"),
    ("5", "five", "fifth", "e"),
    ("6", "six", "sixth", "f"),
)
_FILLER = frozenset({"the", "one", "number", "option", "please", "pls", "no", "choice", "answer"})
_THE_ONE = re.compile(
    r"(?:the )?(?:(?P<before>\w+(?: \w+){0,2}) one"
    r"|one (?:about|on|with|for) (?P<after>\w+(?: \w+){0,3}))"
)
_LITTLE = frozenset({"the", "a", "my", "his", "her", "their", "that", "this"})
_THE_SAME = 85  # per cent alike


def resolve(text: str, choices: Sequence[Choice]) -> Choice | None:
    """Return the choice that `text` plainly picks, or None.

    Only a message that is nothing but a pick counts: "2 days without insulin" picks nothing.
    """
    said = _plain(text)
    for choice in choices:
        if said == _plain(choice.label):
            return choice
    words = said.split()
    named = _by_its_words(said, choices)
    if named is not None or words == ["no", "one"]:
        return named
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


def _by_its_words(said: str, choices: Sequence[Choice]) -> Choice | None:
    """Return the only choice that "the hospital one" or "the one about complaints" can mean."""
    found = _THE_ONE.fullmatch(said.removesuffix(" please").removesuffix(" pls"))
    if found is None:
        return None
    words = set((found["before"] or found["after"]).split()) - _LITTLE
    fitting = [choice for choice in choices if all(_is_named(word, choice) for word in words)]
    return fitting[0] if words and len(fitting) == 1 else None


def _is_named(word: str, choice: Choice) -> bool:
    """Return whether `word` stands in the label, in one or several: complaints, complaint."""
    return any(fuzz.ratio(word, other) >= _THE_SAME for other in _plain(choice.label).split())


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
