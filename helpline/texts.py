"""Taking in texts: stored once, screened, answered in order, and the carrier's keywords obeyed."""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpline import (
    audit,
    contacts,
    conversations,
    deliveries,
    jobs,
    ladder,
    messages,
    text_queue,
    workers,
)
from helpline.addresses import Address
from helpline.clock import utcnow
from helpline.conversations import Inbound, clean, record_inbound
from helpline.enums import Channel, ConversationStatus, Sender, Severity
from helpline.errors import NotFound
from helpline.line_states import TextBar
from helpline.models import Contact, Conversation, Message, TextDelivery, Worker
from helpline.phone_words import keyword_of, text_words
from helpline.service import Service
from helpline.turns import WANT_A_PERSON

# "Please stop texting me": the carrier bars only the bare words, and does not tell us of these.
_ASKS_TO_STOP: Final = re.compile(
    r"(?:please |pls )?(?:stop|unsubscribe|don'?t|do not|no more)"
    r"(?: (?:texting|messaging|sending|contacting|text|message|contact|texts|messages))"
    r"(?: (?:me|us|this|these|here|number|texts|messages|any ?more|again|please|pls|now))*"
)
# The carrier takes the words apart from START for a wish to be texted again, too.
_AGAIN: Final = frozenset({"yes"})
_LATER_SECONDS: Final = 60  # the carrier refuses to erase a message that it is still handling


@dataclass(frozen=True, kw_only=True)
class InboundText:
    """One text as the carrier gave it, in our words. `pictures` were attached; we take none."""

    sender: Address
    text: str
    sid: str
    pictures: int = 0


def receive(session: Session, service: Service, inbound: InboundText) -> Message | None:
    """Take in one text: stored, screened for danger, its answer queued; all in one transaction.

    Returns the stored message; the one already there when this sid came before, and None for a text
    without a word, or from a worker's own phone: that answers an alert. Texts of one sender are
    taken one at a time, so that two that come together share a conversation.
    """
    _one_at_a_time(session, inbound)
    known = session.scalar(
        select(Message).where(Message.channel == Channel.SMS, Message.provider_sid == inbound.sid)
    )
    if known is not None:
        return known
    worker = _worker_of(session, service, inbound.sender)
    if worker is not None:
        ladder.acknowledge_by_reply(session, service, worker, inbound.text)
        return None
    conversation, is_new = _find_or_open(session, service, inbound.sender)
    messages.lock(session, conversation)
    stored = _store(session, service, conversation, inbound, is_new=is_new)
    if service.settings.erase_at_carrier and stored is not None:
        jobs.enqueue(
            session,
            jobs.ERASE_TEXT_AT_CARRIER,
            delay_seconds=_LATER_SECONDS,
            message_id=stored.id,
        )
    return stored


def _worker_of(session: Session, service: Service, sender: Address) -> Worker | None:
    """Return the worker who texts us, which is an answer to an alert and no family's message."""
    if sender.number is None:
        return None
    return workers.find_by_phone(session, service.book, sender.number)


def _store(
    session: Session,
    service: Service,
    conversation: Conversation,
    inbound: InboundText,
    *,
    is_new: bool,
) -> Message | None:
    contact = session.get_one(Contact, conversation.contact_id)
    text = clean(inbound.text)
    keyword = keyword_of(service, text)
    if keyword is None and contact.text_bar is not None and text.casefold() in _AGAIN:
        keyword = "start"
    if keyword == "stop" or _ASKS_TO_STOP.fullmatch(text.casefold().strip(" .!")):
        return _stop(session, service, conversation, inbound, text, bare=keyword == "stop")
    if keyword == "start":
        return _start(session, service, conversation, inbound, text)
    if contact.text_bar is TextBar.ASKED:
        deliveries.lift_bar(session, contact)  # whoever writes to us again wants an answer
    if keyword == "more":
        return _more(session, service, conversation, inbound, text)
    if keyword == "help":
        # The carrier answers HELP in its own words; ours say what to do in danger (ADR 20).
        kept = _keep(session, conversation, inbound, text)
        _say(session, service, conversation, "welcome")
        return kept
    stored = _answerable(session, service, conversation, inbound, text)
    if is_new and (stored is None or stored.severity is Severity.NONE):
        # In danger the safety reply says who is talking; nothing may hold it up.
        _say(session, service, conversation, "welcome")
    return stored


def _answerable(
    session: Session, service: Service, conversation: Conversation, inbound: InboundText, text: str
) -> Message | None:
    stored = None
    if text:
        person = keyword_of(service, text) == "person"
        message = Inbound(
            text=text, provider_sid=inbound.sid, payload=WANT_A_PERSON if person else None
        )
        stored = record_inbound(session, service, conversation, message)
    if inbound.pictures:
        messages.add_message(
            session,
            conversation,
            Sender.ASSISTANT,
            text_words(service, "no_pictures", conversation.prison),
            details={"kind": "phrase", "phrase": "no_pictures"},
        )
    elif not text:
        _say(session, service, conversation, "empty_message")
    return stored


def _stop(
    session: Session,
    service: Service,
    conversation: Conversation,
    inbound: InboundText,
    text: str,
    *,
    bare: bool,
) -> Message:
    """Obey; the concern stays open and a worker is told. The carrier confirms the bare words."""
    stored = _keep(session, conversation, inbound, text)
    contact = session.get_one(Contact, conversation.contact_id)
    if not bare:
        _say_text(session, service, conversation, "barred")
    deliveries.bar(session, contact, TextBar.CARRIER if bare else TextBar.ASKED)
    return stored


def _start(
    session: Session,
    service: Service,
    conversation: Conversation,
    inbound: InboundText,
    text: str,
) -> Message:
    stored = _keep(session, conversation, inbound, text)
    deliveries.lift_bar(session, session.get_one(Contact, conversation.contact_id))
    _say_text(session, service, conversation, "back_again")
    return stored


def _more(
    session: Session,
    service: Service,
    conversation: Conversation,
    inbound: InboundText,
    text: str,
) -> Message:
    """Send the next part of the newest message that has one left."""
    stored = _keep(session, conversation, inbound, text)
    found = session.execute(
        select(Message, func.max(TextDelivery.part))
        .join(TextDelivery, TextDelivery.message_id == Message.id)
        .where(Message.conversation_id == conversation.id)
        .group_by(Message.id)
        .order_by(Message.n.desc())
        .limit(deliveries.RECENT)
    ).all()
    for message, sent in found:
        if sent < len(deliveries.parts_of(service, message)):
            text_queue.queue(session, conversation, message, sent + 1)
            return stored
    _say_text(session, service, conversation, "nothing_more")
    return stored


def _keep(session: Session, conversation: Conversation, inbound: InboundText, text: str) -> Message:
    """Store a keyword: it is part of what was said, and asks nothing of the assistant."""
    return messages.add_message(
        session,
        conversation,
        Sender.FAMILY,
        text,
        provider_sid=inbound.sid,
        answered_at=utcnow(),
    )


def _say(session: Session, service: Service, conversation: Conversation, phrase: str) -> None:
    messages.add_message(
        session,
        conversation,
        Sender.ASSISTANT,
        service.guide.phrase(phrase, Channel.SMS, prison_key=conversation.prison),
        details={"kind": "welcome" if phrase == "welcome" else "phrase", "phrase": phrase},
    )


def _say_text(session: Session, service: Service, conversation: Conversation, key: str) -> None:
    messages.add_message(
        session,
        conversation,
        Sender.ASSISTANT,
        text_words(service, key, conversation.prison),
        details={"kind": "phrase", "phrase": key},
    )


def send_topic(
    session: Session, service: Service, conversation: Conversation, said: Message
) -> bool:
    """Text the answer that was said in a call to the same contact; return whether there was one.

    It goes into their conversation by text, so that what they text back is understood.
    """
    if said.topic_id is None:
        return False
    try:
        answer = service.guide.answer(said.topic_id, Channel.SMS, conversation.prison)
    except NotFound:
        return False
    by_text, _ = _find_or_open_for(session, service, conversation.contact)
    messages.lock(session, by_text)
    by_text.prison = by_text.prison or conversation.prison
    messages.add_message(
        session,
        by_text,
        Sender.ASSISTANT,
        answer.text,
        topic_id=answer.topic,
        revision_id=answer.revision_id,
        sources=[source.model_dump(mode="json") for source in answer.sources],
        choices=[choice.model_dump() for choice in answer.next],
        details={"kind": "answer"},
    )
    return True


def _find_or_open(session: Session, service: Service, sender: Address) -> tuple[Conversation, bool]:
    """Return the sender's open conversation by text, or a new one, and whether it is new.

    Without an address it is always new: two hidden senders must never meet in one conversation.
    """
    contact = contacts.find_or_add(session, service.book, Channel.SMS, sender.number)
    opened, is_new = _find_or_open_for(session, service, contact)
    if is_new:
        audit.record(
            session,
            actor="family",
            action="text_conversation_opened",
            subject_type="conversation",
            subject_id=opened.id,
            reach=sender.reach,
        )
    return opened, is_new


def _find_or_open_for(
    session: Session, service: Service, contact: Contact
) -> tuple[Conversation, bool]:
    known = session.scalar(
        select(Conversation)
        .where(
            Conversation.contact_id == contact.id,
            Conversation.channel == Channel.SMS,
            Conversation.status == ConversationStatus.OPEN,
            Conversation.words_removed_at.is_(None),
        )
        .order_by(Conversation.id.desc())
        .limit(1)
    )
    if known is not None:
        return known, False
    return conversations.open_for(session, service, Channel.SMS, contact), True


def _one_at_a_time(session: Session, inbound: InboundText) -> None:
    key = inbound.sender.number or inbound.sid
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
