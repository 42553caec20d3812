"""Texts to families: sent once, and followed to their end.

The job `send_text` takes a queued text (`start`), asks the line with no transaction open, and
writes down what came of it. Receipts move it forward only. One that does not reach a family whom a
person is to help becomes a task for that person, and a safer number is tried if they gave one.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import audit, handover, safe_contact, tasks, text_queue
from helpline.addresses import Address, read_address
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.enums import Sender, Severity, TaskKind
from helpline.errors import PermanentFailure
from helpline.events import announce
from helpline.line_states import TextBar, TextStatus
from helpline.models import Contact, Conversation, Handover, Message, TextDelivery
from helpline.phone_words import text_words
from helpline.ports import Line
from helpline.service import Service
from helpline.text_parts import fits, plain, split

OPTED_OUT = "21610"  # Twilio: the recipient has sent STOP
KEY = "text-"
LAST_WORD = "barred"  # the phrase that says no more texts will come: it still goes
RECENT = 5  # messages: MORE asks for the rest of one of these
# How long a person has to act on a text that did not arrive: in danger, and otherwise.
AT_ONCE = timedelta(minutes=5)
SOON = timedelta(minutes=30)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outgoing:
    """One text as the line needs it. `again`: an earlier try ended without anyone knowing how."""

    to: str
    body: str
    key: str
    again: bool


def parts_of(service: Service, message: Message) -> list[str]:
    """Return a message as texts: in plain letters, its choices numbered, cut to three segments."""
    text = plain(message.text or "")
    labels = [plain(choice["label"]) for choice in message.choices]
    numbered = [f"{number} {label}" for number, label in enumerate(labels, start=1)]
    if message.details.get("kind") == "answer":
        # What else to ask is a kindness: it goes along only where it costs no further text.
        longer = "\n".join([text, text_words(service, "next"), *numbered])
        text = longer if numbered and fits(longer) else text
    elif len(numbered) > 1:
        text = "\n".join([text, *numbered])
    return split(text, text_words(service, "more"))


def send(service: Service, line: Line, delivery_id: int) -> None:
    """Send one queued text. Raises TransientFailure when it shall be tried again."""
    with transaction() as session:
        outgoing = start(session, service, delivery_id)
    if outgoing is None:
        return
    try:
        sid = line.send_text(outgoing.to, outgoing.body, outgoing.key, again=outgoing.again)
        if outgoing.again and _is_of_another(sid, delivery_id):
            # The same words went out before, as an earlier text: this one never left.
            sid = line.send_text(outgoing.to, outgoing.body, outgoing.key)
    except PermanentFailure as failure:
        with transaction() as session:
            refused(session, service, delivery_id, str(failure))
        return
    with transaction() as session:
        move_on(session, service, delivery_id, TextStatus.SENT, provider_sid=sid)
    log.info("text sent", extra={"kind": "text", "count": delivery_id})


def _is_of_another(sid: str, delivery_id: int) -> bool:
    with transaction() as session:
        known = session.scalar(select(TextDelivery.id).where(TextDelivery.provider_sid == sid))
        return known is not None and known != delivery_id


def start(session: Session, service: Service, delivery_id: int) -> Outgoing | None:
    """Mark a text as leaving and return it; None when there is nothing to send.

    Nothing is sent twice: a text that has left is left alone. Nor to a number that is not a UK
    mobile, that asked for no more texts, or whose owner said that texts are not safe.
    """
    delivery = session.get_one(TextDelivery, delivery_id, with_for_update=True)
    if delivery.status not in {TextStatus.QUEUED, TextStatus.SENDING}:
        return None
    message = session.get_one(Message, delivery.message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    to, obstacle = _where_to(session, service, conversation, safer=delivery.safer)
    if message.details.get("phrase") == LAST_WORD and obstacle is TextStatus.BARRED:
        to, obstacle = address_of(session, service, conversation).number, None
    if obstacle is not None or to is None or message.text is None:
        settle(session, service, delivery, obstacle or TextStatus.UNREACHABLE)
        return None
    parts = parts_of(service, message)
    again = delivery.status is TextStatus.SENDING
    delivery.status = TextStatus.SENDING
    body = parts[min(delivery.part, len(parts)) - 1]
    return Outgoing(to=to, body=body, key=f"{KEY}{delivery.id}", again=again)


def refused(session: Session, service: Service, delivery_id: int, code: str) -> None:
    """Write down that the carrier will not take a text; `code` is its number for why."""
    delivery = session.get_one(TextDelivery, delivery_id, with_for_update=True)
    delivery.error_code = int(code) if code.isdecimal() else None
    if code == OPTED_OUT:
        contact = _contact_of(session, delivery)
        contact.text_bar = TextBar.CARRIER
        settle(session, service, delivery, TextStatus.BARRED)
    else:
        settle(session, service, delivery, TextStatus.FAILED)


def move_on(
    session: Session,
    service: Service,
    delivery_id: int,
    status: TextStatus,
    *,
    provider_sid: str | None = None,
    error_code: int | None = None,
) -> None:
    """Take a text forward to `status`; a step back, or one already taken, changes nothing.

    Receipts may come late, twice, in any order, and before the carrier's own answer is written.
    """
    delivery = session.get(TextDelivery, delivery_id, with_for_update=True)
    if delivery is None:
        return
    delivery.provider_sid = delivery.provider_sid or provider_sid
    if delivery.status.step >= status.step:
        return
    delivery.error_code = error_code if error_code is not None else delivery.error_code
    if status.is_final:
        settle(session, service, delivery, status)
        return
    delivery.status = status
    delivery.sent_at = delivery.sent_at or utcnow()
    _tell_pages(session, delivery)


def settle(session: Session, service: Service, delivery: TextDelivery, status: TextStatus) -> None:
    """Write down how a text ended, and see that a person hears of one that did not arrive."""
    delivery.status = status
    delivery.settled_at = utcnow()
    session.flush()
    _tell_pages(session, delivery)
    if status.did_not_arrive:
        log.warning("text did not arrive", extra={"status": status, "count": delivery.id})
        _bring_a_person(session, service, delivery)


def check(session: Session, service: Service, delivery_id: int) -> None:
    """Two minutes on: a text about a handover that has not left yet is a task for a person."""
    delivery = session.get_one(TextDelivery, delivery_id)
    if delivery.status in {TextStatus.QUEUED, TextStatus.SENDING}:
        _bring_a_person(session, service, delivery)


def bar(session: Session, contact: Contact, why: TextBar) -> None:
    """Stop texting a contact. An open concern stays open: a worker is told at once."""
    contact.text_bar = why
    audit.record(
        session,
        actor="family",
        action="texting_barred",
        subject_type="contact",
        subject_id=contact.id,
        why=why,
    )
    for waiting in _open_handovers(session, contact):
        tasks.open_task(
            session,
            TaskKind.TEXTING_BARRED,
            key=f"texting-barred:{waiting.id}",
            due_at=min(waiting.promised_at, utcnow() + SOON),
            opened_by="assistant",
            severity=waiting.severity,
            conversation_id=waiting.conversation_id,
            handover_id=waiting.id,
        )


def lift_bar(session: Session, contact: Contact) -> None:
    """Texting is allowed again."""
    contact.text_bar = None
    audit.record(
        session,
        actor="family",
        action="texting_allowed",
        subject_type="contact",
        subject_id=contact.id,
    )


def _where_to(
    session: Session, service: Service, conversation: Conversation, *, safer: bool
) -> tuple[str | None, TextStatus | None]:
    """Return the number to text, or what stands in the way."""
    answers = safe_contact.answers(session, service.book, conversation.id)
    if answers.may_text is False or conversation.contact.text_bar is not None:
        return None, TextStatus.BARRED
    own = address_of(session, service, conversation)
    address = read_address(answers.number) if safer else own
    return (address.number, None) if address.can_be_texted else (None, TextStatus.UNREACHABLE)


def address_of(session: Session, service: Service, conversation: Conversation) -> Address:
    """Return the address a family wrote or rang from."""
    contact = session.get_one(Contact, conversation.contact_id)
    return read_address(service.book.reveal(contact))


def _bring_a_person(session: Session, service: Service, delivery: TextDelivery) -> None:
    """Open a task when a worker's own words, or words about a handover, did not arrive."""
    message = session.get_one(Message, delivery.message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    waiting = handover.find_open(session, conversation)
    if waiting is None and message.sender is not Sender.WORKER:
        return
    in_danger = waiting is not None and waiting.severity is not Severity.NONE
    tasks.open_task(
        session,
        TaskKind.FAILED_TEXT,
        key=f"failed-text:{message.id}",
        due_at=utcnow() + (AT_ONCE if in_danger else SOON),
        opened_by="assistant",
        severity=waiting.severity if waiting is not None else Severity.NONE,
        conversation_id=conversation.id,
        handover_id=waiting.id if waiting is not None else None,
        delivery_id=delivery.id,
    )
    if in_danger and not delivery.safer:
        _try_safer_number(session, service, conversation, delivery)


def _try_safer_number(
    session: Session, service: Service, conversation: Conversation, delivery: TextDelivery
) -> None:
    """Send the same words to the number a family called safer, if they said that texts are."""
    answers = safe_contact.answers(session, service.book, conversation.id)
    if answers.may_text and answers.number is not None:
        message = session.get_one(Message, delivery.message_id)
        text_queue.queue(session, conversation, message, delivery.part, safer=True)


def _open_handovers(session: Session, contact: Contact) -> list[Handover]:
    conversations = session.scalars(
        select(Conversation).where(Conversation.contact_id == contact.id)
    )
    found = (handover.find_open(session, conversation) for conversation in conversations)
    return [waiting for waiting in found if waiting is not None]


def _contact_of(session: Session, delivery: TextDelivery) -> Contact:
    message = session.get_one(Message, delivery.message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    return session.get_one(Contact, conversation.contact_id)


def _tell_pages(session: Session, delivery: TextDelivery) -> None:
    message = session.get_one(Message, delivery.message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    announce(session, conversation.public_id)
