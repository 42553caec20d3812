"""The small language the rules are written in.

want/wish ~3 die          one of two words, up to three words between, then "die" in any form
=was <hurt>               this exact form, then any word or phrase of the group "hurt"
(not) eat                 a word that may be missing
walk/get_up               a word, or a phrase of two
^ help $                  the start and the end of a sentence
has * tablets             exactly one word, whatever it is
samoboj*                  a word that begins so, for languages whose endings change
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import ClassVar

ANY_WORD = "*"
RARE = 0.3  # how often in 10,000 words, for a word that is not listed as common
MAX_GAP = 12
_MAX_GROUP_GAP = 4
_MAX_OPTIONAL = 4
_MAX_VARIANTS = 64
_GAP = re.compile(r"~(\d{1,2})")
_CHOICE = re.compile(r"[=]?[^\s<>()~^$/*=]+|[^\s<>()~^$/*=]{3,}\*|<[a-z0-9-]+>|\*")


class PatternError(ValueError):
    """A pattern cannot be read; the message says why, for the editor."""

    def __init__(self, reason: str, piece: str = "") -> None:
        """Name the piece of the pattern that is wrong, if it is one piece."""
        super().__init__(f'"{piece}" {reason}' if piece else reason)


class Fit:
    """The labels that fit one place in a pattern. Each set of labels has one Fit."""

    __slots__ = ("labels", "only")
    _known: ClassVar[dict[frozenset[str], "Fit"]] = {}

    def __init__(self, labels: frozenset[str]) -> None:
        self.labels = labels
        self.only = next(iter(labels)) if len(labels) == 1 else None

    @classmethod
    def of(cls, labels: Iterable[str]) -> "Fit":
        """Return the Fit for these labels: the same one every time, so that a page can keep it."""
        wanted = frozenset(labels)
        known = cls._known.get(wanted)
        return known if known is not None else cls._known.setdefault(wanted, cls(wanted))


@dataclass(frozen=True, slots=True)
class Step:
    """One word of a pattern: what fits, and how many words may stand before it."""

    fit: Fit
    gap: int = 0
    # After a "not" of its own, a pattern no longer cares that the text is negated.
    past_its_not: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """Steps in order, as an editor wrote them."""

    text: str
    steps: tuple[Step, ...]
    at_start: bool = False
    at_end: bool = False
    work: int = 0  # what it takes to try it, in steps
    fits: frozenset[Fit] = frozenset()  # all of these must be somewhere for it to match

    def labels(self) -> Iterator[str]:
        """Yield every label the pattern uses."""
        for step in self.steps:
            yield from step.fit.labels


def parse(text: str, negators: frozenset[str] = frozenset()) -> list[Pattern]:
    """Read one written pattern; words in brackets make a second pattern without them.

    `negators` are the labels that count as a "not". Raises PatternError.
    """
    pieces = text.split()
    if not pieces:
        raise PatternError("the pattern is empty")
    at_start, at_end = pieces[0] == "^", pieces[-1] == "$"
    pieces = pieces[at_start : len(pieces) - at_end]
    optional = sum(piece.startswith("(") for piece in pieces)
    if optional > _MAX_OPTIONAL:
        raise PatternError("too many words in brackets")
    variants: list[list[str]] = [[]]
    for piece in pieces:
        if piece.startswith("("):
            if not piece.endswith(")"):
                raise PatternError("must hold one word, or words with / between", piece)
            ways = [[], *_ways(piece[1:-1])]
        else:
            ways = _ways(piece)
        variants = [[*v, *way] for v, way in product(variants, ways)]
        if len(variants) > _MAX_VARIANTS:
            raise PatternError("too many ways to read it; write it as two")
    return [
        Pattern(
            text,
            steps,
            at_start,
            at_end,
            sum(1 + step.gap for step in steps),
            frozenset(step.fit for step in steps),
        )
        for steps in (_steps(variant, negators) for variant in variants)
    ]


def _ways(piece: str) -> list[list[str]]:
    """Return what one piece may be: its words as one step, and each of its phrases as several."""
    choices = piece.split("/")
    words = [choice for choice in choices if "_" not in choice]
    phrases = [choice.split("_") for choice in choices if "_" in choice]
    return [["/".join(words)], *phrases] if words else phrases


def _steps(pieces: Iterable[str], negators: frozenset[str]) -> tuple[Step, ...]:
    steps: list[Step] = []
    gap, negated = 0, False
    for piece in pieces:
        if found := _GAP.fullmatch(piece):
            gap = int(found[1])
            if gap > MAX_GAP:
                raise PatternError("is too wide a gap", piece)
            continue
        labels = tuple(piece.split("/"))
        for label in labels:
            if not _CHOICE.fullmatch(label):
                raise PatternError("is not a word, a =form, a <group> or a ~gap", piece)
        steps.append(Step(Fit.of(labels), gap, negated))
        negated = negated or not negators.isdisjoint(labels)
        gap = 0
    if not steps:
        raise PatternError("the pattern has no word in it")
    if gap:
        raise PatternError("the pattern ends in a gap")
    return tuple(steps)


def without_gaps(pattern: Pattern) -> Iterator[tuple[Fit, ...]]:
    """Yield the fixed-length forms of a pattern: a gap of two becomes none, one and two words.

    Raises PatternError where that would be too many, or where ^ or $ is used.
    """
    if pattern.at_start or pattern.at_end:
        raise PatternError("^ and $ belong in rules, not in word groups")
    if any(step.gap > _MAX_GROUP_GAP for step in pattern.steps):
        raise PatternError("too wide a gap for a word group")
    choices = [
        [[_ANY] * skipped + [step.fit] for skipped in range(step.gap + 1)] for step in pattern.steps
    ]
    for chosen in product(*choices):
        yield tuple(fit for part in chosen for fit in part)


def by_rarity(fits: Iterable[Fit], weight: Mapping[str, float]) -> list[Fit]:
    """Return the places of a pattern, those least likely to be in a message first."""
    choices = [fit for fit in fits if ANY_WORD not in fit.labels]
    return sorted(choices, key=lambda fit: sum(weight.get(x, RARE) for x in fit.labels))


_ANY = Fit.of((ANY_WORD,))
