"""Calls with families: begun once, heard turn by turn, screened like every message, ended once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from helpline import contacts, conversations, handover, messages, safe_contact, tasks
from helpline.addresses import HIDDEN, Address, read_address
from helpline.clock import utcnow
from helpline.conversations import Inbound, clean
from helpline.enums import Channel, ConversationStatus, Sender, TaskKind
from helpline.errors import NotFound
from helpline.line_states import CallStatus
from helpline.models import Call, CallEvent, Contact, Conversation, Message
from helpline.phone_words import spoken_words
from helpline.service import Service


def begin(session: Session, service: Service, sid: str, caller: Address) -> tuple[Call, Message]:
    """Return the call with this sid and its greeting; both are made when it first comes.

    Each call is a conversation of its own. A number that is known belongs to its contact, so that
    a worker sees who rang before; nothing of that is ever said to the caller, for a number can be
    faked. A hidden number is a contact of its own each time.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(sid, 0))))
    known = find_call(session, sid)
    if known is not None:
        return known, _greeting(session, known)
    contact = contacts.find_or_add(session, service.book, Channel.VOICE, caller.number)
    conversation = conversations.open_for(session, service, Channel.VOICE, contact)
    call = Call(sid=sid, conversation_id=conversation.id, reach=caller.reach)
    session.add(call)
    session.flush()
    greeting = messages.add_message(
        session,
        conversation,
        Sender.ASSISTANT,
        spoken_words(service, "greeting"),
        details={"kind": "welcome"},
    )
    return call, greeting


def _greeting(session: Session, call: Call) -> Message:
    return session.scalars(
        select(Message).where(Message.conversation_id == call.conversation_id, Message.n == 1)
    ).one()


def find_call(session: Session, sid: str) -> Call | None:
    """Return the call with this sid, if there is one."""
    return session.scalar(select(Call).where(Call.sid == sid))


def hold_call(session: Session, sid: str) -> Call:
    """Return the call, its row held until the transaction ends. NotFound when there is none."""
    call = session.scalar(select(Call).where(Call.sid == sid).with_for_update())
    if call is None:
        raise NotFound("no such call")
    return call


def hear(
    session: Session,
    service: Service,
    call: Call,
    speech: str,
    *,
    step: str,
    payload: str | None = None,
    answer: bool = True,
) -> Message | None:
    """Store what a caller said and screen it for danger; None when there was no word in it.

    `step` names the question it answers within the call: the same step is heard once, however
    often the carrier asks. Without `answer` nothing is asked of the assistant: what was heard is
    too uncertain, or means something by itself.
    """
    if not clean(speech):
        return None
    return conversations.record_inbound(
        session,
        service,
        call.conversation,
        Inbound(text=speech, provider_sid=f"{call.sid}:{step}", payload=payload, answer=answer),
    )


def list_said(session: Session, call: Call, after: int) -> Sequence[Message]:
    """Return what the helpline said after message number `after`, until the family spoke again."""
    later = messages.list_messages(session, call.conversation, after)
    said = []
    for message in later:
        if message.sender is Sender.FAMILY:
            break
        said.append(message)
    return said


def find_message(session: Session, call: Call, n: int) -> Message | None:
    """Return message number `n` of this call, read afresh."""
    return session.scalar(
        select(Message)
        .where(Message.conversation_id == call.conversation_id, Message.n == n)
        .execution_options(populate_existing=True)
    )


def address_of(session: Session, service: Service, call: Call) -> Address:
    """Return where the caller rang from, hidden when there is nothing to go back to."""
    contact = session.get_one(Contact, call.conversation.contact_id)
    number = service.book.reveal(contact)
    return HIDDEN if number is None else read_address(number)


def number_to_ring(session: Session, service: Service, conversation_id: int) -> str | None:
    """Return the number a family may be rung on: the safer one they gave, else their own.

    None when there is none, or when they said that calls are not safe.
    """
    answers = safe_contact.answers(session, service.book, conversation_id)
    if answers.may_call is False:
        return None
    contact = session.get_one(Conversation, conversation_id).contact
    address = read_address(answers.number or service.book.reveal(contact))
    return address.number if address.can_be_rung else None


def note(
    session: Session,
    leg_sid: str,
    event: str,
    sequence: int = 0,
    *,
    call_id: int | None = None,
    dial_id: int | None = None,
    **details: Any,  # noqa: ANN401 - ids and enums of many kinds
) -> bool:
    """Write down one event of a call or of a worker's phone; return whether it is new."""
    values = {
        "leg_sid": leg_sid,
        "event": event,
        "sequence": sequence,
        "call_id": call_id,
        "dial_id": dial_id,
        "at": utcnow(),
        "details": details,
    }
    added = session.scalar(
        insert(CallEvent)
        .values(values)
        .on_conflict_do_nothing(index_elements=["leg_sid", "event", "sequence"])
        .returning(CallEvent.id)
    )
    return added is not None


def end(session: Session, service: Service, sid: str) -> None:
    """Write down that a caller has gone. A call that is not ours, or is over, changes nothing.

    Whoever waited for a person and left before one came is rung back, if they can be.
    """
    call = session.scalar(select(Call).where(Call.sid == sid).with_for_update())
    if call is None or call.status is CallStatus.ENDED:
        return
    waited = call.status is CallStatus.HOLDING
    call.status, call.ended_at = CallStatus.ENDED, utcnow()
    waiting = handover.find_open(session, call.conversation)
    if waiting is None:
        if call.conversation.status is ConversationStatus.OPEN:
            conversations.close(session, call.conversation, actor="assistant")
        return
    if waited and number_to_ring(session, service, call.conversation_id) is not None:
        tasks.open_task(
            session,
            TaskKind.CALL_BACK,
            key=f"call-left:{call.id}",
            due_at=waiting.promised_at,
            opened_by="assistant",
            severity=waiting.severity,
            conversation_id=call.conversation_id,
            handover_id=waiting.id,
        )
