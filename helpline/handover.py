"""Bringing a named worker: ask for one, take over, hand back, close with a reason."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import audit, deadlines
from helpline.clock import clock_words, utcnow
from helpline.enums import (
    HANDOVER_MOVES,
    AlertWay,
    Channel,
    HandoverReason,
    HandoverStatus,
    Sender,
    Severity,
    move,
)
from helpline.errors import NotFound
from helpline.messages import add_message, lock
from helpline.models import Conversation, Handover
from helpline.rota import Promise
from helpline.service import Service


def find_open(session: Session, conversation: Conversation) -> Handover | None:
    """Return the handover that nobody has closed yet, if there is one."""
    return session.scalar(
        select(Handover).where(
            Handover.conversation_id == conversation.id,
            Handover.status != HandoverStatus.CLOSED,
        )
    )


def hold(session: Session, handover_id: int) -> tuple[Conversation, Handover]:
    """Hold a conversation and its handover until the transaction ends, both read afresh.

    The conversation's row is taken first, as every command does: so two never wait for each other.
    NotFound when there is no such handover.
    """
    found = session.get(Handover, handover_id)
    if found is None:
        raise NotFound("no such handover")
    conversation = session.get_one(Conversation, found.conversation_id)
    lock(session, conversation)
    session.refresh(found, with_for_update=True)
    return conversation, found


def request(
    session: Session,
    service: Service,
    conversation: Conversation,
    *,
    reason: HandoverReason,
    severity: Severity,
    now: datetime,
) -> Handover:
    """Ask for a worker. One that is already open is kept, and raised if this is more serious."""
    current = find_open(session, conversation)
    promise = service.promise(session, severity, conversation.prison, now, conversation.language)
    if current is not None:
        if severity.rank > current.severity.rank:
            _raise_severity(session, current, reason, severity, promise, now)
        return current
    handover = Handover(
        conversation_id=conversation.id,
        reason=reason,
        severity=severity,
        prison=conversation.prison,
        requested_at=now,
        ladder_step=0,
    )
    deadlines.set_promise(handover, promise)
    session.add(handover)
    session.flush()
    audit.record(
        session,
        actor="assistant",
        action="handover_requested",
        subject_type="handover",
        subject_id=handover.id,
        reason=reason,
        severity=severity,
        worker_id=promise.worker_id,
        promised_at=promise.by.isoformat(),
    )
    deadlines.start_ladder(session, handover, now, promise.begins)
    deadlines.watch_promise(session, handover, now)
    return handover


def _raise_severity(
    session: Session,
    handover: Handover,
    reason: HandoverReason,
    severity: Severity,
    promise: Promise,
    now: datetime,
) -> None:
    audit.record(
        session,
        actor="assistant",
        action="handover_raised",
        subject_type="handover",
        subject_id=handover.id,
        was=handover.severity,
        severity=severity,
    )
    handover.severity = severity
    handover.reason = reason
    if handover.status is HandoverStatus.REQUESTED:
        if promise.by < handover.promised_at:
            deadlines.set_promise(handover, promise)
        deadlines.watch_promise(session, handover, now)


def mark_acknowledged(handover: Handover, worker_id: int | None, way: AlertWay) -> None:
    """Write down who has seen it, and stop the ladder. The promise is watched until they come."""
    handover.acknowledged_at = utcnow()
    handover.acknowledged_by_id = worker_id
    handover.acknowledged_way = way
    handover.ladder_due_at = None


def claim(session: Session, handover_id: int, worker_id: int, worker_name: str) -> Handover:
    """Give the conversation to a worker: the assistant falls silent. Conflict if it is taken."""
    _conversation, handover = hold(session, handover_id)
    handover.status = move(HANDOVER_MOVES, handover.status, HandoverStatus.CLAIMED)
    handover.claimed_at = utcnow()
    handover.worker_id, handover.worker_name = worker_id, worker_name
    if handover.acknowledged_at is None:
        mark_acknowledged(handover, worker_id, AlertWay.DESK)
    deadlines.stop(handover)
    session.flush()
    audit.record(
        session,
        actor=f"worker:{worker_id}",
        action="handover_claimed",
        subject_type="handover",
        subject_id=handover.id,
    )
    return handover


def reopen(
    session: Session, service: Service, handover: Handover, *, actor: str, now: datetime
) -> None:
    """Put a claimed handover back in the queue: a new name and time from the rota, a new ladder.

    The caller holds its row and tells the family. Conflict unless a worker has it.
    """
    conversation = session.get_one(Conversation, handover.conversation_id)
    handover.status = move(HANDOVER_MOVES, handover.status, HandoverStatus.REQUESTED)
    promise = service.promise(
        session, handover.severity, handover.prison, now, conversation.language
    )
    handover.claimed_at = handover.acknowledged_at = handover.alarm_at = None
    handover.acknowledged_by_id = handover.acknowledged_way = None
    deadlines.set_promise(handover, promise)
    deadlines.start_ladder(session, handover, now, promise.begins)
    deadlines.watch_promise(session, handover, now)
    audit.record(
        session,
        actor=actor,
        action="handover_reopened",
        subject_type="handover",
        subject_id=handover.id,
        worker_id=promise.worker_id,
        promised_at=promise.by.isoformat(),
    )


def close(session: Session, handover_id: int, worker_id: int, reason: str) -> Handover:
    """End the handover with a worker's reason; the assistant may speak again.

    Nothing else closes one: no clock, no family, no software. ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a handover is closed with a reason")
    _conversation, handover = hold(session, handover_id)
    handover.status = move(HANDOVER_MOVES, handover.status, HandoverStatus.CLOSED)
    handover.closed_at = utcnow()
    handover.closed_by_id = worker_id
    handover.close_reason = reason.strip()
    deadlines.stop(handover)
    session.flush()
    audit.record(
        session,
        actor=f"worker:{worker_id}",
        action="handover_closed",
        subject_type="handover",
        subject_id=handover.id,
    )
    return handover


def say(
    session: Session,
    service: Service,
    conversation: Conversation,
    handover: Handover,
    phrase: str,
    now: datetime,
) -> None:
    """Tell the family a fixed sentence about their handover: who, and by what time."""
    words = service.guide.phrase(
        phrase,
        conversation.channel,
        prison_key=conversation.prison,
        **promise_fields(handover, now),
    )
    add_message(
        session,
        conversation,
        Sender.SYSTEM,
        words,
        handover_id=handover.id,
        severity=handover.severity,
        details={"kind": "phrase", "phrase": phrase, **promise_details(handover)},
    )


def person_words(service: Service, channel: Channel, promise: Promise, now: datetime) -> str:
    """Return the words that a person is coming: who, and by what clock time."""
    phrase = "person_on_the_way" if promise.staffed_now else "person_out_of_hours"
    return service.guide.phrase(
        phrase, channel, worker=promise.worker_name, time=clock_words(promise.by, now)
    )


def promise_fields(handover: Handover, now: datetime) -> dict[str, str]:
    """Return the fields of the phrases that name a worker and a time."""
    return {"worker": handover.worker_name, "time": clock_words(handover.promised_at, now)}


def promise_details(handover: Handover) -> dict[str, str]:
    """Return what a page needs to show the promise beside a message."""
    return {"worker": handover.worker_name, "promised_at": handover.promised_at.isoformat()}


def promise_of(handover: Handover) -> Promise:
    """Return the promise a handover holds its worker to."""
    return Promise(
        handover.worker_id,
        handover.worker_name,
        handover.promised_at,
        handover.staffed,
        begins=handover.requested_at,
    )
