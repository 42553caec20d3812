"""The small language the rules are written in, and how it is matched.

    want/wish ~3 die          one of two words, up to three words between, then "die" in any form
    =was <hurt>               this exact form, then any word or phrase of the group "hurt"
    (not) eat                 a word that may be missing
    walk/get_up               a word, or a phrase of two
    ^ help $                  the start and the end of a sentence
    has * tablets             exactly one word, whatever it is
    samoboj*                  a word that begins so, for languages whose endings change

A message is held as one whole number for each label, with a bit for each word: matching is shifts
and ands. There is no backtracking, so no message can make it slow.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

ANY_WORD = "*"
MAX_GAP = 12
_MAX_GROUP_GAP = 4
_MAX_OPTIONAL = 4
_MAX_VARIANTS = 64
_GAP = re.compile(r"~(\d{1,2})")
_CHOICE = re.compile(r"[=]?[^\s<>()~^$/*=]+|[^\s<>()~^$/*=]{2,}\*|<[a-z0-9-]+>|\*")


class PatternError(ValueError):
    """A pattern cannot be read; the message says why, for the editor."""


@dataclass(frozen=True, slots=True)
class Step:
    """One word of a pattern: the labels that fit, and how many words may stand before it."""

    labels: tuple[str, ...]
    gap: int = 0
    # After a "not" of its own, a pattern no longer cares that the text is negated.
    past_its_not: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """Steps in order. `anchor` is the step least likely to be in a message, looked for first."""

    text: str
    steps: tuple[Step, ...]
    at_start: bool = False
    at_end: bool = False

    def labels(self) -> Iterator[str]:
        """Yield every label the pattern uses."""
        for step in self.steps:
            yield from step.labels


@dataclass(slots=True)
class Page:
    """One message laid out for matching: bit n of a mask is word n.

    ones: label to the words that carry it. longs: label to the starts of its phrases, by length.
    """

    words: list[str]
    ones: dict[str, int]
    longs: dict[str, dict[int, int]]
    breaks: int  # words that are the end of a sentence
    pauses: int  # words after which the writer paused
    now_from: int  # the first word of the message itself; before it stand earlier messages
    work: int = 0  # steps of matching done, so that tests can bound it

    @property
    def everywhere(self) -> int:
        """Every word, and the place after the last."""
        return (2 << len(self.words)) - 1

    def starts(self, labels: Iterable[str]) -> Iterator[tuple[int, int]]:
        """Yield (length, mask of first words) for everything that carries one of the labels."""
        for label in labels:
            mask = self.ones.get(label)
            if mask:
                yield 1, mask
            phrases = self.longs.get(label)
            if phrases:
                yield from phrases.items()

    def last(self, label: str) -> int:
        """Return the last words of everything that carries the label."""
        mask = 0
        for length, starts in self.starts((label,)):
            mask |= starts << (length - 1)
        return mask

    def covered(self, label: str) -> int:
        """Return every word that is part of something carrying the label."""
        mask = 0
        for length, starts in self.starts((label,)):
            for _ in range(length):
                mask |= starts
                starts <<= 1  # noqa: PLW2901
        return mask

    def spread(self, mask: int, before: int, after: int, stops: int) -> int:
        """Widen a mask by so many words each way; `stops` and sentence ends are not crossed."""
        may_pass = self.everywhere & ~(stops | self.breaks)
        left = right = mask
        for _ in range(after):
            right |= (right << 1) & may_pass
        for _ in range(before):
            left |= (left >> 1) & may_pass
        self.work += before + after
        return left | right


def ends(pattern: Pattern, page: Page, allowed: int, past_not: int) -> int:
    """Return the places just after each match, as a mask; 0 for no match.

    A step may only stand on words in `allowed`, or in `past_not` once the pattern had its own
    "not". Words that a gap skips are not asked about.
    """
    state = page.everywhere
    if pattern.at_start:
        state &= 1 | (page.breaks << 1)
    may_skip = ~page.breaks
    for step in pattern.steps:
        page.work += 1 + step.gap
        for _ in range(step.gap):
            state |= (state & may_skip) << 1
        state &= past_not if step.past_its_not else allowed
        after = 0
        for length, mask in page.starts(step.labels):
            here = state & mask
            for further in range(1, length):
                here &= past_not >> further  # a saying covers part of the phrase
            after |= here << length
        if not after:
            return 0
        state = after
    if pattern.at_end:
        state &= page.breaks | (1 << len(page.words))
    return state


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
        raise PatternError(f"more than {_MAX_OPTIONAL} words in brackets")
    variants: list[list[str]] = [[]]
    for piece in pieces:
        if piece.startswith("("):
            if not piece.endswith(")"):
                raise PatternError(f'"{piece}": a bracket holds one word, or words with / between')
            ways = [[], *_ways(piece[1:-1])]
        else:
            ways = _ways(piece)
        variants = [[*v, *way] for v, way in product(variants, ways)]
        if len(variants) > _MAX_VARIANTS:
            raise PatternError(f"more than {_MAX_VARIANTS} ways to read it; write it as two")
    return [
        Pattern(text, _steps(variant, negators), at_start=at_start, at_end=at_end)
        for variant in variants
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
                raise PatternError(f'"{piece}": a gap is at most {MAX_GAP} words')
            continue
        labels = tuple(piece.split("/"))
        for label in labels:
            if not _CHOICE.fullmatch(label):
                raise PatternError(f'"{piece}" is not a word, a =form, a <group> or a ~gap')
        steps.append(Step(labels, gap, negated))
        negated = negated or not negators.isdisjoint(labels)
        gap = 0
    if not steps:
        raise PatternError("the pattern has no word in it")
    if gap:
        raise PatternError("the pattern ends in a gap")
    return tuple(steps)


def without_gaps(pattern: Pattern) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Yield the fixed-length forms of a pattern: a gap of two becomes none, one and two words.

    Raises PatternError where that would be too many, or where ^ or $ is used.
    """
    if pattern.at_start or pattern.at_end:
        raise PatternError("^ and $ belong in rules, not in word groups")
    if any(step.gap > _MAX_GROUP_GAP for step in pattern.steps):
        raise PatternError(f"in a word group a gap is at most {_MAX_GROUP_GAP} words")
    choices = [
        [[(ANY_WORD,)] * skipped + [step.labels] for skipped in range(step.gap + 1)]
        for step in pattern.steps
    ]
    for chosen in product(*choices):
        yield tuple(labels for part in chosen for labels in part)


def rarest(pattern: Pattern, uses: Mapping[str, int]) -> tuple[str, ...]:
    """Return the labels of the step that the fewest other patterns use: the one to look up first."""
    steps = [step for step in pattern.steps if ANY_WORD not in step.labels]
    return min((step.labels for step in steps), key=lambda labels: sum(uses[x] for x in labels))
