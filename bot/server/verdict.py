"""Decides what to make of a message: answer it, answer two questions, or ask back.

A wrong answer given with confidence is the worst outcome, so anything in doubt is asked about. The
thresholds stand in config.yml and were set on data/tuning, which no score is reported on
(docs/adr/0011).
"""

from dataclasses import dataclass
from typing import Sequence, Tuple

Ranking = Sequence[Tuple[str, float]]  # topics with their chances, likeliest first
Cut = Tuple[Ranking, Ranking]  # the two halves of a message, in order


@dataclass(frozen=True)
class Thresholds:
    """Chances between 0 and 1."""

    sure: float  # at least this: answer
    half: float  # two halves are two questions if each has a topic of its own from here,
    among: float  # and the whole message has both topics among its first so many
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


NOTHING_KNOWN = Reading(topics=(), leaning=(), plausible=())  # not a word of it is known


def decide(whole: Ranking, cuts: Sequence[Cut], thresholds: Thresholds) -> Reading:
    """Return the reading of a message, from the ranking of the whole and those of its halves."""
    best, chance = whole[0]
    one = (best,) if chance >= thresholds.sure else ()
    return Reading(
        topics=_two_questions(whole, cuts, thresholds) or one,
        leaning=tuple(topic for topic, chance in whole if chance >= thresholds.leaning),
        plausible=tuple(topic for topic, chance in whole if chance >= thresholds.plausible),
    )


def _two_questions(whole: Ranking, cuts: Sequence[Cut], thresholds: Thresholds) -> Tuple[str, ...]:
    """Return the two topics of the surest cut into different topics; none if it is not sure."""
    likeliest = {topic for topic, _ in whole[: int(thresholds.among)]}
    surest, found = thresholds.half, ()
    for before, after in cuts:
        (first, chance), (second, other) = before[0], after[0]
        two = first != second and {first, second} <= likeliest
        if two and min(chance, other) >= surest:
            surest, found = min(chance, other), (first, second)
    return found
