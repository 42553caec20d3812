"""Answering one family message: read what is needed, then write the turn down.

Each is one transaction; between the two no transaction is open: the assistant may take seconds.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpline import check_question, choices, concerns, handover
from helpline.clock import utcnow
from helpline.enums import (
    ConversationStatus,
    HandoverReason,
    HandoverStatus,
    RaisedBy,
    Sender,
    Severity,
)
from helpline.guide.replies import Choice
from helpline.messages import add_message, lock
from helpline.models import Conversation, Handover, Message
from helpline.ports import TurnContext
from helpline.safety import ConcernFound, Screening
from helpline.service import Service
from helpline.turns import OWN_LANGUAGE, Draft, Turn

PRISON_PAYLOAD = "prison:"
STILL_IN_VIEW = 6  # messages
EARLIER_CHARACTERS = 400


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is needed to ask the assistant, read in one short transaction before it is asked."""

    message_id: int
    key: str
    text: str  # a family's words, or the payload of the choice they picked
    context: TurnContext
    severity: Severity  # what the first layer already raised


def prepare(session: Session, message_id: int) -> Question | None:
    """Read what the assistant needs for one family message; None when nothing is to be asked.

    Nothing is asked when it was answered before, when a worker holds the conversation, when it is
    closed, or when the message only answers the check question. A choice the family picked becomes
    its payload; picking a prison remembers it.
    """
    message = session.get_one(Message, message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    lock(session, conversation)
    open_handover = handover.find_open(session, conversation)
    claimed = open_handover is not None and open_handover.status is HandoverStatus.CLAIMED
    if message.answered_at is not None:
        return None
    settled = claimed or "check_answer" in message.details
    if settled or conversation.status is ConversationStatus.CLOSED or message.text is None:
        _mark_answered(session, conversation, message)
        return None
    picked = _picked(session, conversation, message)
    text = message.text.lstrip("/ ") or message.text
    candidates = tuple(message.details.get("prison_candidates", ()))
    if picked is not None and picked.payload.startswith(PRISON_PAYLOAD):
        conversation.prison = picked.payload.removeprefix(PRISON_PAYLOAD)
        text, candidates = f"/{_last_topic(session, conversation) or 'prison-noted'}", ()
    elif picked is not None:
        text = picked.payload
    elif message.details.get("prison_answered"):
        text = f"/{_last_topic(session, conversation) or 'prison-noted'}"
    return Question(
        message_id=message.id,
        key=conversation.key,
        text=text,
        severity=message.severity,
        context=TurnContext(
            channel=conversation.channel,
            prison=conversation.prison,
            prison_candidates=candidates if conversation.prison is None else (),
            handover=open_handover.status if open_handover is not None else "none",
            earlier=_earlier(session, conversation, message),
        ),
    )


def _picked(session: Session, conversation: Conversation, message: Message) -> Choice | None:
    payload = message.details.get("payload")
    if payload is not None:
        return Choice(label=message.text or "", payload=payload)
    return choices.resolve(message.text or "", _offered(session, conversation, message))


def _earlier(session: Session, conversation: Conversation, message: Message) -> str:
    """Return the end of what the family wrote just before this message."""
    text = session.scalar(
        select(Message.text)
        .where(
            Message.conversation_id == conversation.id,
            Message.sender == Sender.FAMILY,
            Message.n < message.n,
            Message.text.is_not(None),
        )
        .order_by(Message.n.desc())
        .limit(1)
    )
    return (text or "")[-EARLIER_CHARACTERS:]


def _offered(session: Session, conversation: Conversation, message: Message) -> tuple[Choice, ...]:
    """Return the choices of the assistant's last word before this message, if it offered any."""
    asked = session.scalar(
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.n < message.n,
            Message.sender != Sender.FAMILY,
            Message.choices != [],
        )
        .order_by(Message.n.desc())
        .limit(1)
    )
    if asked is None:
        return ()
    return tuple(Choice(**choice) for choice in asked.choices)


def _last_topic(session: Session, conversation: Conversation) -> str | None:
    return session.scalar(
        select(Message.topic_id)
        .where(
            Message.conversation_id == conversation.id,
            Message.sender == Sender.ASSISTANT,
            Message.topic_id.is_not(None),
        )
        .order_by(Message.n.desc())
        .limit(1)
    )


def apply_turn(session: Session, service: Service, message_id: int, turn: Turn) -> None:
    """Write one turn down: its messages, any concern and handover, and the trail. All or nothing.

    Answering a message twice changes nothing. A worker who claimed meanwhile is not talked over.
    """
    message = session.get_one(Message, message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    lock(session, conversation)
    session.refresh(message)
    if message.answered_at is not None:
        return
    message.outcome = turn.outcome
    message.topic_id = turn.topic if turn.topic and service.guide.has(turn.topic) else None
    message.confidence = turn.confidence
    message.details = {
        **message.details,
        "alternatives": [score.model_dump() for score in turn.alternatives],
    }
    open_handover = handover.find_open(session, conversation)
    # Also when a worker took over meanwhile: they are alerted, and nothing is said over them.
    _raise_second_opinion(session, service, conversation, message, turn)
    if open_handover is None or open_handover.status is not HandoverStatus.CLAIMED:
        for draft in turn.drafts:
            _send(session, conversation, message, draft)
            phrase = str(draft.details.get("phrase"))
            if phrase.startswith(OWN_LANGUAGE):  # the rota prefers who speaks it
                conversation.language = phrase.removeprefix(OWN_LANGUAGE)
        if turn.handover is not None:
            _bring_a_person(session, service, conversation, message, turn.handover)
        elif turn.concern is None and message.severity is Severity.NONE:
            _remind_who_is_coming(session, service, conversation, message)
            remembered = message.details.get("check") or _doubt(turn)
            if remembered:
                check_question.ask(session, service, conversation, message, remembered)
    _mark_answered(session, conversation, message)


def _send(session: Session, conversation: Conversation, message: Message, draft: Draft) -> None:
    add_message(
        session,
        conversation,
        Sender.ASSISTANT,
        draft.text,
        in_reply_to=message,
        topic_id=draft.topic,
        revision_id=draft.revision_id,
        sources=[source.model_dump(mode="json") for source in draft.sources],
        choices=[choice.model_dump() for choice in draft.choices],
        details={"kind": draft.kind, **draft.details},
    )


def _raise_second_opinion(
    session: Session, service: Service, conversation: Conversation, message: Message, turn: Turn
) -> None:
    """Write down a concern that only the model noticed, or that it finds more serious."""
    concern = turn.concern
    if concern is None or concern.severity.rank <= message.severity.rank:
        return
    whom = check_question.about(concern.concern)
    found = ConcernFound(concern.concern, concern.severity, ("model",), whom)
    concerns.raise_concerns(
        session,
        service,
        conversation,
        message,
        Screening(concerns=(found,), severity=concern.severity, about=whom),
        utcnow(),
        raised_by=RaisedBy.MODEL,
    )


def _doubt(turn: Turn) -> dict[str, str]:
    if turn.check is None:
        return {}
    return check_question.doubt(turn.check.concern, check_question.about(turn.check.concern))


def _bring_a_person(
    session: Session,
    service: Service,
    conversation: Conversation,
    message: Message,
    reason: HandoverReason,
) -> None:
    already = handover.find_open(session, conversation)
    now = utcnow()
    requested = handover.request(
        session, service, conversation, reason=reason, severity=Severity.NONE, now=now
    )
    if already is not None:
        phrase = "person_already_asked"
    elif requested.staffed:
        phrase = "person_on_the_way"
    else:
        phrase = "person_out_of_hours"
    message.handover_id = requested.id
    _say(session, service, conversation, message, phrase, requested)


def _remind_who_is_coming(
    session: Session, service: Service, conversation: Conversation, message: Message
) -> None:
    """After an open concern the assistant goes on helping, and says again who is coming.

    With danger to life every time; otherwise not while the last time it was said is still in view.
    """
    current = handover.find_open(session, conversation)
    if current is None or current.severity is Severity.NONE:
        return
    last_said = session.scalar(
        select(func.max(Message.n)).where(
            Message.conversation_id == conversation.id,
            Message.sender != Sender.FAMILY,
            Message.handover_id == current.id,
        )
    )
    in_view = last_said is not None and conversation.last_n - last_said < STILL_IN_VIEW
    if current.severity is Severity.IMMEDIATE or not in_view:
        _say(session, service, conversation, message, "safety_still_open", current)


def _say(
    session: Session,
    service: Service,
    conversation: Conversation,
    message: Message,
    phrase: str,
    about: Handover,
) -> None:
    add_message(
        session,
        conversation,
        Sender.ASSISTANT,
        service.guide.phrase(
            phrase,
            conversation.channel,
            prison_key=conversation.prison,
            **handover.promise_fields(about, utcnow()),
        ),
        in_reply_to=message,
        handover_id=about.id,
        details={"kind": "phrase", "phrase": phrase, **handover.promise_details(about)},
    )


def _mark_answered(session: Session, conversation: Conversation, message: Message) -> None:
    message.answered_at = utcnow()
    session.flush()
    conversation.waiting_since = session.scalar(
        select(Message.created_at)
        .where(
            Message.conversation_id == conversation.id,
            Message.sender == Sender.FAMILY,
            Message.answered_at.is_(None),
        )
        .order_by(Message.n)
        .limit(1)
    )
