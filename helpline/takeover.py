"""A worker in a conversation: take it on, reply, pass it on, hand it back, close it.

Each command is one transaction of the caller's. The conversation's row is held first and the
handover's after it, as taking in a message does, so that two commands never wait for each other.
Whatever changes for the family is said to them, by name.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import audit, conversations, handover, jobs, record
from helpline.clock import clock_words, utcnow
from helpline.enums import HandoverReason, HandoverStatus, Sender
from helpline.errors import Conflict
from helpline.events import announce
from helpline.handover import hold
from helpline.messages import add_message
from helpline.models import Conversation, Handover, Message, Worker
from helpline.service import Service

HAND_BACK_AFTER = (timedelta(minutes=30), timedelta(hours=2))  # of silence, for a worker to choose


def take(session: Session, service: Service, handover_id: int, worker: Worker) -> Handover:
    """Take a family on: the assistant falls silent, and they are told who is there.

    Pressing twice is once. Conflict when somebody else was quicker, or it is closed.
    """
    conversation, held = hold(session, handover_id)
    if held.status is HandoverStatus.CLAIMED and held.worker_id == worker.id:
        return held
    if held.status is not HandoverStatus.REQUESTED:
        raise Conflict("somebody else has taken this on, or it is closed")
    handover.claim(session, handover_id, worker.id, worker.name)
    _say(session, service, conversation, held, "worker_joined", worker=worker.name)
    return held


def take_from(session: Session, service: Service, handover_id: int, lead: Worker) -> Handover:
    """Let a lead take a family over from another worker; the family is told by name."""
    conversation, held = hold(session, handover_id)
    if held.status is HandoverStatus.REQUESTED:
        return take(session, service, handover_id, lead)
    if held.status is not HandoverStatus.CLAIMED:
        raise Conflict("this is closed")
    _change_worker(session, service, conversation, held, lead)
    return held


def reply(
    session: Session,
    handover_id: int,
    worker: Worker,
    text: str,
    *,
    client_id: UUID | None = None,
) -> Message:
    """Say something to the family in their own channel. The same `client_id` says it once.

    Raises Conflict unless this worker has the conversation, ValueError for an empty or too long
    text. A text message to a phone is queued by `add_message`, as every outbound one is.
    """
    conversation, held = hold(session, handover_id)
    _must_have(held, worker)
    said = conversations.clean(text)
    if not said or len(said) > conversations.MAX_TEXT:
        message = f"a reply has 1 to {conversations.MAX_TEXT} characters"
        raise ValueError(message)
    if client_id is not None:
        known = session.scalar(
            select(Message).where(
                Message.conversation_id == conversation.id, Message.client_id == client_id
            )
        )
        if known is not None:
            return known
    return add_message(
        session,
        conversation,
        Sender.WORKER,
        said,
        client_id=client_id,
        handover_id=held.id,
        details={"kind": "worker", "worker": worker.name, "worker_id": worker.id},
    )


def send_answer(
    session: Session, service: Service, handover_id: int, worker: Worker, topic_id: str
) -> Message:
    """Send the guide's answer to a topic, worded for the family's channel, as this worker.

    Raises Conflict unless this worker has the conversation, NotFound (HeldBack) when the guide may
    not answer that now.
    """
    conversation, held = hold(session, handover_id)
    _must_have(held, worker)
    answer = service.guide.answer(topic_id, conversation.channel, conversation.prison)
    return add_message(
        session,
        conversation,
        Sender.WORKER,
        answer.text,
        handover_id=held.id,
        topic_id=answer.topic,
        revision_id=answer.revision_id,
        sources=[source.model_dump(mode="json") for source in answer.sources],
        details={
            "kind": "answer",
            "worker": worker.name,
            "worker_id": worker.id,
            "last_checked": answer.last_checked.isoformat() if answer.last_checked else None,
            "approved": answer.approved,
        },
    )


def offer(
    session: Session, service: Service, handover_id: int, worker: Worker, to: Worker
) -> Handover:
    """Ask a colleague to take a family over. Until they do, the family stays with this worker."""
    conversation, held = hold(session, handover_id)
    _must_have(held, worker)
    if to.id == worker.id or not to.active:
        raise Conflict("that colleague cannot take it")
    held.transfer_to_id = to.id
    _note(session, held, worker.id, "transfer_offered", to_worker_id=to.id)
    _say(
        session,
        service,
        conversation,
        held,
        "transfer_offered",
        worker=worker.name,
        colleague=to.name,
    )
    return held


def accept(session: Session, service: Service, handover_id: int, worker: Worker) -> Handover:
    """Take over a family a colleague has offered. Conflict when it is not offered to this one."""
    conversation, held = hold(session, handover_id)
    if held.status is not HandoverStatus.CLAIMED or held.transfer_to_id != worker.id:
        raise Conflict("this is not offered to you any more")
    _change_worker(session, service, conversation, held, worker)
    return held


def withdraw(session: Session, handover_id: int, worker: Worker) -> Handover:
    """End an offer: the one who made it takes it back, or the one it was made to says no."""
    conversation, held = hold(session, handover_id)
    if worker.id not in (held.worker_id, held.transfer_to_id):
        raise Conflict("this is not yours to decide")
    held.transfer_to_id = None
    _note(session, held, worker.id, "transfer_ended")
    announce(session, conversation.public_id)
    return held


def release(
    session: Session, service: Service, handover_id: int, actor: str, now: datetime
) -> Handover:
    """Put a family back in the queue: the rota names the next worker and time; they are told."""
    conversation, held = hold(session, handover_id)
    held.transfer_to_id = held.hands_back_at = None
    handover.reopen(session, service, held, actor=actor, now=now)
    _say(
        session,
        service,
        conversation,
        held,
        "back_in_queue",
        **handover.promise_fields(held, now),
    )
    return held


def release_all(
    session: Session, service: Service, worker_id: int, actor: str, now: datetime
) -> int:
    """Put every family a worker has back in the queue (they are ill, or gone); return how many."""
    held = session.scalars(
        select(Handover.id)
        .where(Handover.worker_id == worker_id, Handover.status == HandoverStatus.CLAIMED)
        .order_by(Handover.id)
    ).all()
    for handover_id in held:
        release(session, service, handover_id, actor, now)
    return len(held)


def hand_back(
    session: Session, service: Service, handover_id: int, worker: Worker, reason: str
) -> Handover:
    """End the worker's part; the assistant answers again and the family is told so.

    With a concern, `reason` is also the outcome in its record. ValueError when it is empty.
    """
    conversation, held = hold(session, handover_id)
    _end(session, held, worker, reason)
    _say(session, service, conversation, held, "handed_back", worker=worker.name)
    return held


def hand_back_later(
    session: Session,
    service: Service,
    handover_id: int,
    worker: Worker,
    reason: str,
    after: timedelta,
) -> Handover:
    """Hand back once the family has been silent for `after`; they are told the time now.

    A word from them before then keeps the worker in the conversation.
    """
    conversation, held = hold(session, handover_id)
    _must_have(held, worker)
    if not reason.strip():
        raise ValueError("a handover is closed with a reason")
    now = utcnow()
    held.hands_back_at = now + after
    held.close_reason = reason.strip()
    jobs.enqueue(
        session,
        jobs.HAND_BACK,
        delay_seconds=int(after.total_seconds()),
        handover_id=held.id,
    )
    _note(session, held, worker.id, "hand_back_planned", at=held.hands_back_at.isoformat())
    _say(
        session,
        service,
        conversation,
        held,
        "hands_back_later",
        worker=worker.name,
        time=clock_words(held.hands_back_at, now),
    )
    return held


def hand_back_if_silent(session: Session, service: Service, handover_id: int) -> None:
    """Do what hand_back_later promised, unless somebody wrote or changed it meanwhile."""
    conversation, held = hold(session, handover_id)
    planned, now = held.hands_back_at, utcnow()
    if held.status is not HandoverStatus.CLAIMED or planned is None or planned > now:
        return
    worker = session.get_one(Worker, held.worker_id)
    held.hands_back_at = None
    if _family_waits(session, conversation):
        announce(session, conversation.public_id)
        return
    _end(session, held, worker, held.close_reason or "")
    _say(session, service, conversation, held, "handed_back", worker=worker.name)


def close(
    session: Session, service: Service, handover_id: int, worker: Worker, reason: str
) -> Handover:
    """End the conversation with a worker's reason; the family is told that it has ended."""
    conversation, held = hold(session, handover_id)
    _end(session, held, worker, reason)
    _say(session, service, conversation, held, "worker_closed", worker=worker.name)
    conversations.close(session, conversation, actor=f"worker:{worker.id}")
    return held


def _end(session: Session, held: Handover, worker: Worker, reason: str) -> None:
    _must_have(held, worker)
    handover.close(session, held.id, worker.id, reason)
    held.transfer_to_id = held.hands_back_at = None
    if held.reason is HandoverReason.CONCERN:
        record.add(
            session,
            held.id,
            record.Outcome(text=reason),
            author=f"worker:{worker.id}",
            worker_id=worker.id,
        )


def _change_worker(
    session: Session, service: Service, conversation: Conversation, held: Handover, to: Worker
) -> None:
    before = held.worker_name
    if held.worker_id == to.id:
        return
    held.worker_id, held.worker_name, held.transfer_to_id = to.id, to.name, None
    held.hands_back_at = None
    _note(session, held, to.id, "handover_changed_hands")
    _say(
        session,
        service,
        conversation,
        held,
        "worker_changed",
        worker=to.name,
        colleague=before,
    )


def _must_have(held: Handover, worker: Worker) -> None:
    if held.status is not HandoverStatus.CLAIMED or held.worker_id != worker.id:
        raise Conflict("this conversation is not with you")


def _family_waits(session: Session, conversation: Conversation) -> bool:
    last = session.scalar(
        select(Message.sender)
        .where(
            Message.conversation_id == conversation.id,
            Message.sender.in_((Sender.FAMILY, Sender.WORKER)),
        )
        .order_by(Message.n.desc())
        .limit(1)
    )
    return last is Sender.FAMILY


def _say(
    session: Session,
    service: Service,
    conversation: Conversation,
    held: Handover,
    phrase: str,
    **fields: str,
) -> None:
    add_message(
        session,
        conversation,
        Sender.SYSTEM,
        service.guide.phrase(
            phrase, conversation.channel, prison_key=conversation.prison, **fields
        ),
        handover_id=held.id,
        details={"kind": "phrase", "phrase": phrase, **handover.promise_details(held)},
    )


def _note(session: Session, held: Handover, worker_id: int, action: str, **details: object) -> None:
    audit.record(
        session,
        actor=f"worker:{worker_id}",
        action=action,
        subject_type="handover",
        subject_id=held.id,
        **details,
    )
