"""What Rasa tells an action about a family's message, in our own words."""

from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from helpline.enums import Channel
from helpline.guide.ages import is_under_18
from helpline.guide.replies import TopicScore

MOVES = frozenset({"say-yes", "say-no", "something-else", "prison-noted"})
ASKED_ON = frozenset({"ask-further", "ask-number"})  # of the last answer, if there was one
ALTERNATIVES = 5
UNDER_18 = "under-18s"
LEADS = 0.5  # of all other topics' chances together


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One message as the dialogue understands it, and where the conversation stands."""

    text: str
    channel: Channel
    prison: str | None
    prison_candidates: tuple[str, ...]
    topics: tuple[str, ...]  # to be answered, in the order they were asked; empty: not clear
    leaning: tuple[str, ...]  # candidates, likeliest first
    plausible: tuple[str, ...]
    ranking: tuple[TopicScore, ...]  # likeliest first; empty for a move of the dialogue
    expecting: str
    offered: tuple[str, ...]
    said: tuple[str, ...]
    repeated: bool
    prison_asked: bool
    danger: dict[str, Any]  # the concern classifier's: verdict, chance, kind, severity
    under_18: bool = False  # the family said so of the person inside
    corrects: bool = False  # it takes back what was understood before

    @property
    def best(self) -> TopicScore | None:
        """The likeliest topic, if the message is about any."""
        return self.ranking[0] if self.ranking else None


def heard(tracker: Tracker) -> Heard:
    """Read the tracker. Metadata that are missing or wrong raise ValueError or KeyError."""
    latest = tracker.latest_message
    metadata = latest.get("metadata") or {}
    intent: str = latest["intent"]["name"]
    reading: dict[str, Any] = latest.get("reading") or {}
    picked = latest.get("text") == f"/{intent}"
    topics = (intent,) if picked else tuple(reading.get("topics") or ())
    ranking = _picked(intent) if picked else _ranking(latest, intent)
    said_age = is_under_18(latest.get("text") or "")
    if said_age is False and not picked:  # "my son is 19": a classifier does not count
        topics, ranking = _for_an_adult(topics, ranking)
    return Heard(
        text=latest.get("text") or "",
        channel=Channel(metadata.get("channel") or Channel.WEB),
        prison=metadata.get("prison"),
        prison_candidates=tuple(metadata.get("prison_candidates") or ()),
        topics=() if intent in MOVES else topics,
        leaning=() if intent in MOVES else tuple(reading.get("leaning") or ()),
        plausible=() if intent in MOVES else tuple(reading.get("plausible") or ()),
        ranking=ranking,
        expecting=tracker.get_slot("expecting") or "nothing",
        offered=tuple(tracker.get_slot("offered") or ()),
        said=tuple(tracker.get_slot("said") or ()),
        repeated=bool(tracker.get_slot("repeated")),
        prison_asked=bool(tracker.get_slot("prison_asked")),
        # "None of them" says nothing of its own: what it answers was looked at when it came.
        danger={} if intent in MOVES else latest.get("danger") or {},
        under_18=bool(tracker.get_slot("under_18")) if said_age is None else said_age,
        corrects=bool(reading.get("corrects")),
    )


def _picked(intent: str) -> tuple[TopicScore, ...]:
    """Return a ranking that is certain: the family picked it."""
    return () if intent in MOVES else (TopicScore(topic=intent, confidence=1.0),)


def _ranking(latest: dict[str, Any], intent: str) -> tuple[TopicScore, ...]:
    if intent in MOVES:
        return ()
    return tuple(
        TopicScore(topic=score["name"], confidence=score["confidence"])
        for score in latest.get("intent_ranking") or ()
    )


def _for_an_adult(
    topics: tuple[str, ...], ranking: tuple[TopicScore, ...]
) -> tuple[tuple[str, ...], tuple[TopicScore, ...]]:
    """Take the topic of under-18s out, and answer the next one if it leads the rest by far."""
    rest = tuple(score for score in ranking if score.topic != UNDER_18)
    kept = tuple(topic for topic in topics if topic != UNDER_18)
    if topics and not kept and rest:
        leads = rest[0].confidence >= LEADS * sum(score.confidence for score in rest)
        kept = (rest[0].topic,) if leads else ()
    return kept, rest
