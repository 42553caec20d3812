"""Opening conversations, taking in messages, and reading them back."""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpline import audit, check_question, concerns, contacts, handover, jobs, safety
from helpline.clock import london_date, utcnow
from helpline.enums import (
    CONVERSATION_MOVES,
    Channel,
    ConversationStatus,
    HandoverStatus,
    Sender,
    Severity,
    move,
)
from helpline.errors import Conflict, NotFound
from helpline.events import announce
from helpline.messages import add_message, last_outbound, lock
from helpline.models import Contact, Conversation, Message
from helpline.service import Service

MAX_TEXT = 10_000
ONLY_A_NAME = 5  # words: "hes in hmp long lartin"
RECENT_MESSAGES = 5


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """One message from a family, in our words whatever the channel called it.

    `payload` says what it means where the channel knows (a key pressed); without `answer` it is
    stored and screened, and nothing is asked of the assistant.
    """

    text: str
    payload: str | None = None
    answer: bool = True
    client_id: UUID | None = None
    provider_sid: str | None = None


def clean(text: str) -> str:
    """Return `text` composed (NFC), without control characters, trimmed. May be empty.

    New lines and tabs stay, and so does every script and emoji, however new.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    kept = (
        char
        for char in composed
        if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"}
    )
    return "".join(kept).strip()


def open_web(
    session: Session, service: Service, *, start: UUID | None = None
) -> tuple[Conversation, str]:
    """Open a web conversation with its first message; return it with the token that reads it.

    `start` is 122 random bits that the page made: the same `start` opens the same conversation
    again, so a first message sent twice over a bad line is one conversation and one concern.
    Raises NotFound when the family has left that conversation meanwhile.
    """
    if start is None:
        public_id, token = uuid4(), secrets.token_urlsafe(32)
    else:
        key = service.settings.secret_key.get_secret_value().encode()
        public_id = uuid5(start, "web")
        token = hmac.new(key, b"web:" + start.bytes, hashlib.sha256).hexdigest()
    try:
        with session.begin_nested():
            conversation = _open(session, service, Channel.WEB, public_id, address=None)
    except IntegrityError:  # the same start, sent before or at this very moment
        return authenticate(session, public_id, token), token
    conversation.token_hash = _hash(token)
    session.flush()
    return conversation, token


def _open(
    session: Session, service: Service, channel: Channel, public_id: UUID, address: str | None
) -> Conversation:
    contact = contacts.find_or_add(session, service.book, channel, address)
    conversation = open_for(session, service, channel, contact, public_id)
    add_message(
        session,
        conversation,
        Sender.ASSISTANT,
        service.guide.phrase("welcome", channel),
        details={"kind": "welcome"},
    )
    return conversation


def open_for(
    session: Session,
    service: Service,
    channel: Channel,
    contact: Contact,
    public_id: UUID | None = None,
) -> Conversation:
    """Open a conversation with `contact` in which nothing has been said yet."""
    conversation = Conversation(
        public_id=public_id or uuid4(),
        contact=contact,
        channel=channel,
        practice=service.settings.practice_mode,
    )
    session.add(conversation)
    session.flush()
    return conversation


def authenticate(session: Session, public_id: UUID | str, token: str) -> Conversation:
    """Return the conversation this token opens. Unknown id and wrong token are both NotFound."""
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        raise NotFound("no such conversation") from None
    conversation = session.scalar(select(Conversation).where(Conversation.public_id == wanted))
    stored = conversation.token_hash if conversation is not None else None
    if conversation is None or not secrets.compare_digest(stored or "", _hash(token)):
        raise NotFound("no such conversation")
    return conversation


def record_inbound(
    session: Session, service: Service, conversation: Conversation, inbound: Inbound
) -> Message:
    """Store one message from a family, notice danger in it, and queue its answer.

    All in the caller's transaction: the message, any concern, its handover with a named worker and
    a clock time, the safety reply, and the jobs. Nothing here needs Rasa or the job runner.

    Returns the stored message; one already stored under the same `client_id` or `provider_sid` is
    returned unchanged. Raises ValueError when nothing is left after cleaning or it is over MAX_TEXT
    characters, Conflict when the conversation is closed.
    """
    lock(session, conversation)
    known = _find_repeat(session, conversation, inbound)
    if known is not None:
        return known
    if conversation.status is ConversationStatus.CLOSED:
        raise Conflict("this conversation is closed")
    text = clean(inbound.text)
    if not text or len(text) > MAX_TEXT:
        message = f"a message has 1 to {MAX_TEXT} characters"
        raise ValueError(message)

    now = utcnow()
    asked = check_question.find_asked(session, conversation)
    recent = recent_family_texts(session, conversation)
    which_prison = _was_prison_question(session, conversation)
    mention = service.guide.find_prisons(text, answering=which_prison)
    if mention.prison is not None:
        conversation.prison = mention.prison
    stored = add_message(
        session,
        conversation,
        Sender.FAMILY,
        text,
        client_id=inbound.client_id,
        provider_sid=inbound.provider_sid,
        details={
            "prison_candidates": list(mention.candidates),
            # Only the name: the last answer is given again, now with this prison's numbers.
            "prison_answered": which_prison
            and mention.prison is not None
            and len(text.split()) <= ONLY_A_NAME,
        }
        | ({"payload": inbound.payload} if inbound.payload is not None else {}),
    )
    if _notice_danger(session, service, conversation, stored, recent, asked):
        return stored
    if not inbound.answer:
        stored.answered_at = now
        return stored
    conversation.waiting_since = conversation.waiting_since or now
    jobs.enqueue(session, jobs.ANSWER_MESSAGE, lock=conversation.lock, message_id=stored.id)
    return stored


def _notice_danger(
    session: Session,
    service: Service,
    conversation: Conversation,
    stored: Message,
    recent: Sequence[str],
    asked: Message | None,
) -> bool:
    """Screen a stored message, and read it as an answer if the check question was just `asked`.

    Returns whether it took something back, which settles it.
    """
    text, now = stored.text or "", utcnow()
    screening = safety.screen(text, recent, today=london_date(now))
    answer = check_question.read_answer(asked, stored) if asked is not None else None
    if asked is not None and answer == check_question.YES:
        screening = safety.join(screening, check_question.confirmed(asked))
    if answer is not None:
        stored.details = {**stored.details, "check_answer": answer}
    elif screening.doubt is not None:
        remembered = check_question.doubt(screening.doubt, screening.about)
        stored.details = {**stored.details, "check": remembered}
    if screening.severity is not Severity.NONE:
        concerns.raise_concerns(session, service, conversation, stored, screening, now)
        return False
    if answer == check_question.NO:
        check_question.leave_the_door_open(session, service, conversation, stored)
        return False
    return concerns.take_back(session, service, conversation, stored, now)


def leave(session: Session, conversation: Conversation) -> None:
    """Quick exit: the token no longer opens the conversation. Concerns and handovers stay open."""
    conversation.token_hash = None
    audit.record(
        session,
        actor="family",
        action="conversation_left",
        subject_type="conversation",
        subject_id=conversation.id,
    )
    announce(session, conversation.public_id)


def close(session: Session, conversation: Conversation, actor: str) -> None:
    """Close a conversation. Raises Conflict while a handover in it is still open."""
    open_handover = handover.find_open(session, conversation)
    if open_handover is not None and open_handover.status is not HandoverStatus.CLOSED:
        raise Conflict("a handover is still open in this conversation")
    conversation.status = move(CONVERSATION_MOVES, conversation.status, ConversationStatus.CLOSED)
    conversation.closed_at = utcnow()
    conversation.waiting_since = None
    audit.record(
        session,
        actor=actor,
        action="conversation_closed",
        subject_type="conversation",
        subject_id=conversation.id,
    )
    announce(session, conversation.public_id)


def recent_family_texts(
    session: Session, conversation: Conversation, before: datetime | None = None
) -> tuple[str, ...]:
    """Return the last things the family said, oldest first: the screen's context."""
    query = select(Message.text).where(
        Message.conversation_id == conversation.id,
        Message.sender == Sender.FAMILY,
        Message.text.is_not(None),
    )
    if before is not None:
        query = query.where(Message.created_at < before)
    texts = session.scalars(query.order_by(Message.n.desc()).limit(RECENT_MESSAGES)).all()
    return tuple(text for text in reversed(texts) if text is not None)


def _was_prison_question(session: Session, conversation: Conversation) -> bool:
    last = last_outbound(session, conversation)
    return last is not None and last.details.get("phrase") == "which_prison"


def _find_repeat(session: Session, conversation: Conversation, inbound: Inbound) -> Message | None:
    if inbound.client_id is not None:
        return session.scalar(
            select(Message).where(
                Message.conversation_id == conversation.id,
                Message.client_id == inbound.client_id,
            )
        )
    if inbound.provider_sid is not None:
        return session.scalar(
            select(Message).where(
                Message.channel == conversation.channel,
                Message.provider_sid == inbound.provider_sid,
            )
        )
    return None


def _hash(token: str) -> str:
    # The token is 256 random bits, so a plain hash cannot be searched.
    return hashlib.sha256(token.encode()).hexdigest()
