"""How ways of telling topics apart are scored: one share for each row of the issue's table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.evaluation_summary import calibration_error, wilson

OUTSIDE = "out-of-scope"
OFFERED = 5  # choices of a question back in the web chat (actions/turn.py)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    """One row of the issue's table: a share, what it must reach, and which way is better."""

    name: str
    floor: float
    goal: float
    more_is_better: bool = True

    def better(self, one: float, other: float) -> bool:
        """Return whether `one` beats `other`."""
        return one > other if self.more_is_better else one < other

    def met(self, value: float, bar: float) -> bool:
        """Return whether `value` reaches `bar`."""
        return value == bar or self.better(value, bar)


MEASURES = {
    "first": Measure("right topic first", 0.75, 0.90),
    "plain": Measure("right topic first, plain messages", 0.85, 0.90),
    "three": Measure("right topic among the first three", 0.88, 0.97),
    "wrong": Measure("wrong answer given confidently", 0.05, 0.02, more_is_better=False),
    "back": Measure("asks back", 0.30, 0.15, more_is_better=False),
    "offered": Measure("... with the right topic offered", 0.85, 0.95),
    "outside": Measure("out of scope recognised", 0.80, 0.90),
    "turned": Measure("in scope turned away", 0.05, 0.03, more_is_better=False),
    "error": Measure("calibration error", 0.07, 0.04, more_is_better=False),
    "two": Measure("both of two questions answered", 0.75, 0.90),
}


@dataclass(frozen=True)
class Share:
    """Hits of how many; `of` is 0 for a figure that is no share."""

    value: float
    of: int

    def __str__(self) -> str:
        """Say the share with its 95% interval."""
        if not self.of:
            return f"{self.value:.3f}"
        low, high = wilson(round(self.value * self.of), self.of)
        return f"{self.value:.1%} ({low:.1%}-{high:.1%})"


def share(hits: int, of: int) -> Share:
    """Return hits of how many."""
    return Share(hits / of if of else 0.0, of)


def accepted(label: Row) -> set[str]:
    """Return the topics that count as right."""
    return {label["topic"], *(label.get("accept") or ())}


def topics_of(said: Row) -> list[str]:
    """Return the ranking without its chances."""
    return [topic for topic, _ in said["ranking"]]


class Reader:
    """What one contender does with a message: answer, or ask back."""

    def __init__(self, found: Row, asks_back: float) -> None:
        """Take ours as it decides; set the others' threshold to ask back that often on tuning."""
        self.decides = "plausible" in found["sets"]["held"][0]
        chances = sorted(said["ranking"][0][1] for said in found["sets"]["tuning"])
        self._threshold = chances[min(len(chances) - 1, round(asks_back * len(chances)))]

    def answered(self, said: Row) -> list[str]:
        """Return the topics it answers; none when it asks back."""
        if self.decides:
            return list(said["topics"])
        topic, chance = said["ranking"][0]
        return [topic] if chance >= self._threshold else []

    def offered(self, said: Row) -> list[str]:
        """Return the topics it offers when it asks back."""
        likely = said["plausible"] if self.decides else topics_of(said)
        return likely[:OFFERED]


def score(reader: Reader, found: Row, labels: Mapping[str, Sequence[Row]]) -> dict[str, Share]:
    """Return every measure of one contender."""
    pairs = list(zip(labels["held"], found["sets"]["held"], strict=True))
    first = [(label, said) for label, said in pairs if topics_of(said)[0] in accepted(label)]
    plain = [pair for pair in pairs if pair[0].get("style") == "plain"]
    back = [pair for pair in pairs if not reader.answered(pair[1])]
    wrong = [
        pair
        for pair in pairs
        if reader.answered(pair[1]) and not accepted(pair[0]) & set(reader.answered(pair[1]))
    ]
    outside = [pair for pair in pairs if pair[0]["topic"] == OUTSIDE]
    inside = [pair for pair in pairs if pair[0]["topic"] != OUTSIDE]
    as_results = [
        (label, {"topic": topics_of(said)[0], "confidence": said["ranking"][0][1]})
        for label, said in pairs
    ]
    two = list(zip(labels["two"], found["sets"]["two"], strict=True))
    return {
        "first": share(len(first), len(pairs)),
        "plain": share(sum(pair in first for pair in plain), len(plain)),
        "three": share(
            sum(bool(accepted(a) & set(topics_of(b)[:3])) for a, b in pairs), len(pairs)
        ),
        "wrong": share(len(wrong), len(pairs)),
        "back": share(len(back), len(pairs)),
        "offered": share(
            sum(bool(accepted(a) & set(reader.offered(b))) for a, b in back), len(back)
        ),
        "outside": share(sum(topics_of(b)[0] == OUTSIDE for _, b in outside), len(outside)),
        "turned": share(sum(topics_of(b)[0] == OUTSIDE for _, b in inside), len(inside)),
        "error": Share(calibration_error(as_results), 0),
        "two": share(
            sum({a["topic"], a["second"]} <= set(reader.answered(b)) for a, b in two), len(two)
        ),
    }


def styles(found: Row, labels: Sequence[Row]) -> dict[str, Share]:
    """Return the share of right topics by style of message."""
    groups: dict[str, list[bool]] = {}
    for label, said in zip(labels, found["sets"]["held"], strict=True):
        groups.setdefault(label["style"], []).append(topics_of(said)[0] in accepted(label))
    return {style: share(sum(hits), len(hits)) for style, hits in sorted(groups.items())}


def confusions(found: Row, labels: Sequence[Row], most: int = 15) -> list[tuple[str, int]]:
    """Return which topics are taken for which, most often first."""
    counts: dict[str, int] = {}
    for label, said in zip(labels, found["sets"]["held"], strict=True):
        taken = topics_of(said)[0]
        if taken not in accepted(label):
            name = f"{label['topic']} -> {taken}"
            counts[name] = counts.get(name, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
