"""Weighs the words of a message: many small signs that no single rule names.

Rules need all their parts; a family who tells danger sideways gives none of them whole. Here each
word, pair of words and word group that training messages hold has a weight, for danger or against
it, and the sum decides. The weights are a table in guide_content/safety/weighed, learned by
`make weigh-words` from data/safety and kept as text: anyone can read why, and nothing can be down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import NamedTuple

from helpline.enums import ConcernKind, Severity
from helpline.errors import GuideError
from helpline.safety.page import Page
from helpline.safety.reading import Reader

FOLDER = Path(__file__).parents[2] / "guide_content" / "safety" / "weighed"
TABLE, SETTINGS = "weights.tsv", "weighed.yml"
RULE = "weighed-words"  # stands among a concern's rules when the sum raised it
FEWEST = 5  # words in the table: "no" by itself says nothing
KNOWN = 0.6  # of the words must be in the table before they may speak against a rule
COLUMNS = 5  # sign, rarity, danger, immediate, concern


class Sign(NamedTuple):
    """What one sign counts: how rare it is, and its weights; the concern it mostly tells of."""

    rarity: float
    danger: float
    immediate: float
    concern: ConcernKind


@dataclass(frozen=True)
class Scales:
    """The table, and the sums from which a person is brought, the question asked."""

    signs: Mapping[str, Sign]
    known: frozenset[str]  # the words among the signs
    rest_danger: float
    rest_immediate: float
    raises: float
    asks: float
    doubts: float
    immediate: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the sum came to. Severity.NONE means: only doubtful, ask the check question.

    against: all the words together speak so strongly of no danger that a rule which would bring a
    person today is itself only a doubt.
    """

    concern: ConcernKind
    severity: Severity
    against: bool = False


def signs(page: Page) -> list[str]:
    """Return the signs of a laid-out message, not of what stands before it, each once.

    A label of the lexicon stands for itself, a word as written has w: before it, two words that
    follow each other b:.
    """
    start = page.now_from
    if start:
        found = [
            label for label, spots in page.spots.items() if any(mask >> start for _, mask in spots)
        ]
    else:
        found = [label for label, spots in page.spots.items() if any(mask for _, mask in spots)]
    words = page.words[start:]
    found += [f"w:{word}" for word in set(words)]
    found += [f"b:{one}_{two}" for one, two in set(pairwise(words))]
    return found


def weigh(scales: Scales, page: Page) -> Weighed | None:
    """Return what the words of a message come to; None when that is nothing."""
    danger = immediate = length = 0.0
    votes: dict[ConcernKind, float] = {}
    words = set(page.words[page.now_from :])
    known = len(words & scales.known)
    if known < FEWEST:
        return None
    find = scales.signs.get
    for sign in map(find, signs(page)):
        if sign is None:
            continue
        rarity, telling, grave, concern = sign
        danger += telling
        immediate += grave
        length += rarity * rarity
        if telling > 0:
            votes[concern] = votes.get(concern, 0.0) + telling
    length = sqrt(length)
    danger = danger / length + scales.rest_danger
    if danger < scales.doubts and known >= KNOWN * len(words):
        return Weighed(ConcernKind.CHECK_FAILED, Severity.NONE, against=True)
    if danger < scales.asks or not votes:
        return None
    kind = max(votes, key=lambda one: votes[one])
    if danger < scales.raises:
        return Weighed(kind, Severity.NONE)
    serious = immediate / length + scales.rest_immediate >= scales.immediate
    return Weighed(kind, Severity.IMMEDIATE if serious else Severity.URGENT)


def load(folder: Path = FOLDER) -> Scales:
    """Read and check the table. Raises GuideError listing every fault found."""
    reader = Reader(folder)
    settings = reader.document(folder / SETTINGS)
    numbers = {}
    for name in ("rest_danger", "rest_immediate", "raises", "asks", "doubts", "immediate"):
        value = settings.get(name)
        if isinstance(value, int | float):
            numbers[name] = float(value)
        else:
            reader.wrong(f"{SETTINGS}: {name}", "must be a number")
    found: dict[str, Sign] = {}
    for number, line in enumerate(_lines(folder / TABLE, reader), start=1):
        parts = line.split("\t")
        try:
            name, rarity, danger, immediate, kind = parts
            found[name] = Sign(float(rarity), float(danger), float(immediate), ConcernKind(kind))
        except ValueError:
            reader.wrong(f"{TABLE}: line {number}", f"must hold {COLUMNS} columns that fit")
    if reader.problems:
        raise GuideError(reader.problems)
    known = frozenset(name[2:] for name in found if name.startswith("w:"))
    return Scales(signs=found, known=known, **numbers)


def _lines(path: Path, reader: Reader) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        reader.wrong(path.name, "cannot be read")
        return []


@cache
def current() -> Scales:
    """Return the project's own table, read once. Raises GuideError."""
    return load()
