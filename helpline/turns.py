"""One turn of the assistant: ask it, and decide what may be said. There is always an answer."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from helpline.enums import (
    Channel,
    HandoverReason,
    Outcome,
    Severity,
)
from helpline.errors import HelplineError
from helpline.guide.answers import PublishedGuide
from helpline.guide.languages import Foreign
from helpline.guide.replies import (
    AnswerReply,
    CheckReply,
    Choice,
    ClarifyReply,
    ConcernReply,
    HandoverReply,
    PhraseReply,
    Reply,
    SourceRef,
    TopicScore,
    TrailReply,
)
from helpline.ports import Assistant, TurnContext
from helpline.readable import is_without_words

WANT_A_PERSON = "/want-a-person"
OWN_LANGUAGE = "language:"  # and its code: words in the person's own language

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message the assistant is about to send."""

    text: str
    kind: str
    topic: str | None = None
    revision_id: int | None = None
    sources: tuple[SourceRef, ...] = ()
    choices: tuple[Choice, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Everything one family message caused, before it is written down."""

    drafts: tuple[Draft, ...]
    outcome: Outcome
    topic: str | None = None
    confidence: float = 0.0
    alternatives: tuple[TopicScore, ...] = ()
    handover: HandoverReason | None = None
    concern: ConcernReply | None = None
    check: CheckReply | None = None


def ask(
    assistant: Assistant, guide: PublishedGuide, key: str, text: str, context: TurnContext
) -> tuple[Reply, ...]:
    """Return the assistant's replies, or the fixed words and a person when it fails in any way.

    A message without words, or in another language than English, is not put to it. Nor is a plain
    wish for a person: whoever asks for one while the assistant is down must get one.
    """
    if text == WANT_A_PERSON:
        return (
            HandoverReply(reason=HandoverReason.ASKED_FOR_PERSON),
            TrailReply(topic=None, confidence=1.0, outcome=Outcome.HANDED_OVER),
        )
    if is_without_words(text):
        return _fixed_words(guide, "emoji_only", context)
    try:
        foreign = None if text.startswith("/") else guide.find_foreign(text)
        if foreign is not None:
            return _other_language(guide, foreign, context)
        return assistant.answer(key, text, context)
    except HelplineError:
        log.warning("assistant failed", extra={"conversation_key": key})
    except Exception:  # whatever broke, a family is waiting
        log.exception("assistant broke", extra={"conversation_key": key})
    return _fixed_words(guide, "assistant_unavailable", context)


def _other_language(
    guide: PublishedGuide, foreign: Foreign, context: TurnContext
) -> tuple[Reply, ...]:
    """Say what to do in danger in the person's own language, if the guide can; offer a person."""
    phrase, trail = _fixed_words(guide, "other_language", context)
    if foreign.code is None:
        return phrase, trail
    own = guide.own_words(foreign.code, context.channel, prison_key=context.prison)
    if own is None:
        return phrase, trail
    return PhraseReply(phrase=OWN_LANGUAGE + foreign.code, text=own), phrase, trail


def _fixed_words(
    guide: PublishedGuide, phrase: str, context: TurnContext
) -> tuple[PhraseReply, TrailReply]:
    return (
        PhraseReply(
            phrase=phrase,
            text=guide.phrase(phrase, context.channel, prison_key=context.prison),
            choices=(person_choice(guide, context.channel),),
        ),
        TrailReply(topic=None, confidence=0.0, outcome=Outcome.UNANSWERED),
    )


def person_choice(guide: PublishedGuide, channel: Channel) -> Choice:
    """Return the choice that asks for a person."""
    return Choice(label=guide.phrase("person_choice_label", channel), payload=WANT_A_PERSON)


def compose_turn(
    guide: PublishedGuide, replies: Sequence[Reply], channel: Channel, severity: Severity
) -> Turn:
    """Turn the assistant's replies into what is said, given what the first layer raised.

    After an immediate concern nothing may bury the safety reply: the guide stays silent. After an
    urgent one its answer follows on the web; in a text or a call, where words are dear, its topic
    is offered as a choice. Otherwise the replies go out as they are.
    """
    trail = next((r for r in replies if isinstance(r, TrailReply)), None)
    if trail is None:
        trail = TrailReply(topic=None, confidence=0.0, outcome=Outcome.UNANSWERED)
    concern = next((r for r in replies if isinstance(r, ConcernReply)), None)
    check = next((r for r in replies if isinstance(r, CheckReply)), None)
    asked = next((r.reason for r in replies if isinstance(r, HandoverReply)), None)
    drafts = tuple(_draft(r) for r in replies if not isinstance(r, _SILENT))
    outcome = trail.outcome
    if severity is not Severity.NONE or concern is not None:
        drafts = _after_concern(guide, drafts, channel, max(severity, _of(concern), key=_rank))
        outcome = Outcome.HANDED_OVER
    elif asked is not None:
        outcome = Outcome.HANDED_OVER
    elif not drafts:
        phrase = "not_understood"
        drafts = (
            Draft(
                text=guide.phrase(phrase, channel),
                kind="phrase",
                details={"phrase": phrase},
                choices=(person_choice(guide, channel),),
            ),
        )
        outcome = Outcome.UNANSWERED
    return Turn(
        drafts=drafts,
        outcome=outcome,
        topic=trail.topic,
        confidence=trail.confidence,
        alternatives=trail.alternatives,
        handover=asked,
        concern=concern,
        check=check,
    )


_SILENT = (TrailReply, ConcernReply, CheckReply, HandoverReply)


def _rank(severity: Severity) -> int:
    return severity.rank


def _of(concern: ConcernReply | None) -> Severity:
    return concern.severity if concern is not None else Severity.NONE


def _draft(reply: Reply) -> Draft:
    if isinstance(reply, AnswerReply):
        checked = reply.last_checked.isoformat() if reply.last_checked else None
        return Draft(
            text=reply.text,
            kind="answer",
            topic=reply.topic,
            revision_id=reply.revision_id,
            sources=reply.sources,
            choices=reply.next,
            details={"last_checked": checked, "approved": reply.approved},
        )
    if isinstance(reply, ClarifyReply):
        return Draft(text=reply.text, kind="clarify", choices=reply.choices)
    if isinstance(reply, PhraseReply):
        return Draft(
            text=reply.text,
            kind="phrase",
            choices=reply.choices,
            details={"phrase": reply.phrase},
        )
    message = f"{reply.kind} says nothing"
    raise TypeError(message)


def _after_concern(
    guide: PublishedGuide, drafts: Sequence[Draft], channel: Channel, severity: Severity
) -> tuple[Draft, ...]:
    own_language = tuple(
        draft for draft in drafts if str(draft.details.get("phrase")).startswith(OWN_LANGUAGE)
    )
    if own_language:  # the safety reply is in English; these few words say what to do in danger
        return own_language
    answers = tuple(draft for draft in drafts if draft.topic is not None)
    if severity is Severity.IMMEDIATE or not answers:
        return ()
    if channel is Channel.WEB:
        return answers
    topics = [draft.topic for draft in answers if draft.topic is not None]
    offered = tuple(Choice(label=guide.title(topic), payload=f"/{topic}") for topic in topics)
    phrase = "topic_also"
    return (
        Draft(
            text=guide.phrase(phrase, channel),
            kind="phrase",
            choices=offered,
            details={"phrase": phrase},
        ),
    )
