"""Bringing a named worker: raise concerns, ask for a person, keep the promise."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import audit, jobs
from helpline.clock import clock_words, utcnow
from helpline.enums import (
    HANDOVER_MOVES,
    Channel,
    HandoverReason,
    HandoverStatus,
    RaisedBy,
    Sender,
    Severity,
    move,
)
from helpline.errors import NotFound
from helpline.messages import add_message
from helpline.models import Concern, Conversation, Handover, Message
from helpline.rota import Promise
from helpline.safety import Screening
from helpline.safety.reply import compose
from helpline.service import Service

# The family hears that a time has moved before it passes.
NOTICE_BEFORE_PROMISE = timedelta(minutes=3)


@dataclass(frozen=True)
class SafetyWords:
    """A composed safety reply and the promise it makes."""

    text: str
    promise: Promise


def find_open(session: Session, conversation: Conversation) -> Handover | None:
    """Return the handover that nobody has closed yet, if there is one."""
    return session.scalar(
        select(Handover).where(
            Handover.conversation_id == conversation.id,
            Handover.status != HandoverStatus.CLOSED,
        )
    )


def raise_concerns(
    session: Session,
    service: Service,
    conversation: Conversation,
    message: Message,
    screening: Screening,
    now: datetime,
    raised_by: RaisedBy = RaisedBy.RULE,
) -> Handover:
    """Store every concern found, its handover and jobs, and the safety reply, in one transaction.

    While a worker holds the conversation the assistant stays silent: the worker is alerted instead.
    """
    again = find_open(session, conversation)
    repeated = again is not None and again.reason is HandoverReason.CONCERN
    handover = request(
        session,
        service,
        conversation,
        reason=HandoverReason.CONCERN,
        severity=screening.severity,
        now=now,
    )
    for found in screening.concerns:
        concern = Concern(
            conversation_id=conversation.id,
            message_id=message.id,
            handover_id=handover.id,
            kind=found.kind,
            severity=found.severity,
            raised_by=raised_by,
            rules=list(found.rules),
        )
        session.add(concern)
        session.flush()
        audit.record(
            session,
            actor=raised_by,
            action="concern_raised",
            subject_type="concern",
            subject_id=concern.id,
            kind=found.kind,
            severity=found.severity,
            rules=list(found.rules),
            handover_id=handover.id,
        )
    message.concern = screening.concerns[0].kind
    message.severity = screening.severity
    message.handover_id = handover.id
    if handover.status is not HandoverStatus.CLAIMED:
        add_message(
            session,
            conversation,
            Sender.ASSISTANT,
            compose_words(
                service, screening, conversation, _promise_of(handover), now, again=repeated
            ),
            in_reply_to=message,
            concern=message.concern,
            severity=message.severity,
            handover_id=handover.id,
            details={"kind": "safety", **promise_details(handover)},
        )
    return handover


def compose_words(
    service: Service,
    screening: Screening,
    conversation: Conversation,
    promise: Promise,
    now: datetime,
    *,
    again: bool,
) -> str:
    """Return the safety reply of approved fragments, its tokens resolved for this prison."""
    return service.guide.render(
        compose(
            screening,
            channel=conversation.channel,
            staffed_now=promise.staffed_now,
            worker=promise.worker_name,
            by_words=clock_words(promise.by, now),
            again=again,
        ),
        channel=conversation.channel,
        prison_key=conversation.prison,
    )


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
    promise = service.promise(session, severity, conversation.prison, now)
    if current is not None:
        if severity.rank > current.severity.rank:
            _raise_severity(session, current, reason, severity, promise)
        return current
    handover = Handover(
        conversation_id=conversation.id,
        reason=reason,
        severity=severity,
        prison=conversation.prison,
        worker_id=promise.worker_id,
        worker_name=promise.worker_name,
        promised_at=promise.by,
        staffed=promise.staffed_now,
        requested_at=now,
    )
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
    _start_clock(session, handover, now)
    return handover


def _raise_severity(
    session: Session,
    handover: Handover,
    reason: HandoverReason,
    severity: Severity,
    promise: Promise,
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
    if handover.status is HandoverStatus.REQUESTED and promise.by < handover.promised_at:
        _set_promise(handover, promise)
    _start_clock(session, handover, utcnow())


def _set_promise(handover: Handover, promise: Promise) -> None:
    handover.worker_id = promise.worker_id
    handover.worker_name = promise.worker_name
    handover.promised_at = promise.by
    handover.staffed = promise.staffed_now


def _start_clock(session: Session, handover: Handover, now: datetime) -> None:
    jobs.enqueue(session, jobs.ALERT_WORKER, handover_id=handover.id)
    wait = max(handover.promised_at - NOTICE_BEFORE_PROMISE - now, timedelta(seconds=30))
    jobs.enqueue(
        session,
        jobs.KEEP_PROMISE,
        delay_seconds=int(wait.total_seconds()),
        handover_id=handover.id,
    )


def keep_promise(session: Session, service: Service, handover_id: int) -> None:
    """Just before a promised time: if nobody has claimed it, move the time and say so first.

    Does nothing once a worker has claimed or closed it, or when a newer clock is running.
    """
    handover = session.get(Handover, handover_id, with_for_update=True)
    now = utcnow()
    if handover is None or handover.status is not HandoverStatus.REQUESTED:
        return
    if handover.promised_at - now > NOTICE_BEFORE_PROMISE + timedelta(minutes=1):
        return
    conversation = session.get_one(Conversation, handover.conversation_id, with_for_update=True)
    late = handover.promised_at
    promise = service.promise(
        session, handover.severity, handover.prison, max(now, handover.promised_at)
    )
    _set_promise(handover, promise)
    audit.record(
        session,
        actor="clock",
        action="promise_moved",
        subject_type="handover",
        subject_id=handover.id,
        was=late.isoformat(),
        promised_at=promise.by.isoformat(),
        worker_id=promise.worker_id,
    )
    add_message(
        session,
        conversation,
        Sender.SYSTEM,
        service.guide.phrase(
            "promise_moved",
            conversation.channel,
            prison_key=conversation.prison,
            **promise_fields(handover, now),
        ),
        handover_id=handover.id,
        severity=handover.severity,
        details={"kind": "phrase", "phrase": "promise_moved", **promise_details(handover)},
    )
    _start_clock(session, handover, now)


def claim(session: Session, handover_id: int, worker_id: int, worker_name: str) -> Handover:
    """Give the conversation to a worker: the assistant falls silent. Conflict if it is taken."""
    handover = session.get(Handover, handover_id, with_for_update=True)
    if handover is None:
        raise NotFound("no such handover")
    handover.status = move(HANDOVER_MOVES, handover.status, HandoverStatus.CLAIMED)
    handover.claimed_at = utcnow()
    handover.worker_id, handover.worker_name = worker_id, worker_name
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
    """Put a claimed handover back in the queue: a new name and time from the rota, a new clock.

    The caller holds its row and tells the family. Conflict unless a worker has it.
    """
    handover.status = move(HANDOVER_MOVES, handover.status, HandoverStatus.REQUESTED)
    promise = service.promise(session, handover.severity, handover.prison, now)
    _set_promise(handover, promise)
    handover.claimed_at = handover.acknowledged_at = None
    handover.acknowledged_by_id = handover.acknowledged_way = None
    audit.record(
        session,
        actor=actor,
        action="handover_reopened",
        subject_type="handover",
        subject_id=handover.id,
        worker_id=promise.worker_id,
        promised_at=promise.by.isoformat(),
    )
    _start_clock(session, handover, now)


def close(session: Session, handover_id: int, worker_id: int, reason: str) -> Handover:
    """End the handover with a worker's reason; the assistant may speak again.

    Nothing else closes one: no clock, no family, no software. ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a handover is closed with a reason")
    handover = session.get(Handover, handover_id, with_for_update=True)
    if handover is None:
        raise NotFound("no such handover")
    handover.status = move(HANDOVER_MOVES, handover.status, HandoverStatus.CLOSED)
    handover.closed_at = utcnow()
    handover.closed_by_id = worker_id
    handover.close_reason = reason.strip()
    handover.ladder_due_at = handover.alarm_at = None
    session.flush()
    audit.record(
        session,
        actor=f"worker:{worker_id}",
        action="handover_closed",
        subject_type="handover",
        subject_id=handover.id,
    )
    return handover


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


def _promise_of(handover: Handover) -> Promise:
    return Promise(handover.worker_id, handover.worker_name, handover.promised_at, handover.staffed)
