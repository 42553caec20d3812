"""Decides what to make of a message: answer it, answer two questions, or ask back.

A wrong answer given with confidence is the worst outcome, so anything in doubt is asked about. The
thresholds stand in config.yml and were set on data/tuning, which no score is reported on
(docs/adr/0011).
"""

from dataclasses import dataclass
from typing import List, Sequence, Tuple

Ranking = Sequence[Tuple[str, float]]  # topics with their chances, likeliest first


@dataclass(frozen=True)
class Thresholds:
    """Chances between 0 and 1."""

    sure: float  # at least this: answer
    likely: float  # or at least this, and `lead` ahead of the second
    lead: float
    part: float  # a part of a message is a question of its own from here
    part_in_whole: float  # and only if the whole message gives its topic at least this
    leaning: float  # enough to take a reply for one of the topics just offered
    plausible: float  # enough to be offered when asking back


@dataclass(frozen=True)
class Reading:
    """What a message may be about.

    `topics` are to be answered, in the order they were asked; none means ask back. `leaning` and
    `plausible` are candidates, likeliest first, for when it is not clear.
    """

    topics: Tuple[str, ...]
    leaning: Tuple[str, ...]
    plausible: Tuple[str, ...]


def decide(whole: Ranking, parts: Sequence[Ranking], thresholds: Thresholds) -> Reading:
    """Return the reading of a message, from the ranking of the whole and those of its parts."""
    return Reading(
        topics=_clear(whole, parts, thresholds),
        leaning=tuple(topic for topic, chance in whole if chance >= thresholds.leaning),
        plausible=tuple(topic for topic, chance in whole if chance >= thresholds.plausible),
    )


def _clear(whole: Ranking, parts: Sequence[Ranking], thresholds: Thresholds) -> Tuple[str, ...]:
    asked = _questions(whole, parts, thresholds)
    if len(asked) > 1:
        return tuple(asked[:2])
    (best, chance), second = whole[0], whole[1][1] if len(whole) > 1 else 0.0
    ahead = chance >= thresholds.likely and chance - second >= thresholds.lead
    return (best,) if chance >= thresholds.sure or ahead else ()


def _questions(whole: Ranking, parts: Sequence[Ranking], thresholds: Thresholds) -> List[str]:
    """Return the different topics that parts of the message ask about beyond doubt, in order."""
    chances = dict(whole)
    asked: List[str] = []
    for part in parts:
        topic, chance = part[0]
        certain = chance >= thresholds.part
        if certain and chances.get(topic, 0.0) >= thresholds.part_in_whole and topic not in asked:
            asked.append(topic)
    return asked
