"""Ringing workers for a caller, in turn or all at once, until one presses a key.

A key press, not an answer, takes a call: a personal voicemail answers too. Every ring is a row that
moves from one status to its end, whatever the carrier sends late, twice or never.
"""

import logging
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpline import audit, calls, handover, jobs, ladder, rota
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.enums import AlertWay, HandoverReason, HandoverStatus, Severity
from helpline.errors import Conflict, NotFound, PermanentFailure
from helpline.line_states import CallStatus, DialPurpose, DialStatus
from helpline.models import Call, Conversation, Dial, Handover, Worker
from helpline.ports import Switchboard
from helpline.service import Service
from helpline.workers import phone_of

KEY = "dial-"
MOST_AT_ONCE = 10
KEY_PRESS_SECONDS = 15
# The carrier adds up to five seconds to a ring, and the whisper takes its own time.
LATE_AFTER_SECONDS = 45

log = logging.getLogger(__name__)


class Taking(StrEnum):
    """What comes of a worker's key press."""

    CONNECTED = "connected"
    RING_BACK = "ring_back"
    TAKEN = "taken"
    CALLER_GONE = "caller_gone"
    NO_LONGER = "no_longer"  # the caller chose something else meanwhile


def put_through(
    session: Session,
    service: Service,
    call: Call,
    *,
    reason: HandoverReason,
    severity: Severity,
) -> bool:
    """Ask for a worker and ring those on duty; return whether there is anyone to ring.

    The caller holds the call's row. A handover with its promise stands in either case.
    """
    now = utcnow()
    wanted = handover.request(
        session, service, call.conversation, reason=reason, severity=severity, now=now
    )
    if call.status is not CallStatus.TALKING:
        return call.status is CallStatus.HOLDING
    need = service.need(
        wanted.severity, wanted.prison, call.conversation.language, prefer=wanted.worker_id
    )
    there = [w for w in rota.on_duty(session, need, now) if phone_of(service.book, w)]
    if not there:
        return False
    call.status, call.holding_at, call.wish = CallStatus.HOLDING, now, None
    dials = _add_dials(session, call, there[:MOST_AT_ONCE])
    for dial in dials if service.settings.ring_all_at_once else dials[:1]:
        jobs.enqueue(session, jobs.RING, dial_id=dial.id)
    return True


def _add_dials(session: Session, call: Call, workers: Sequence[Worker]) -> list[Dial]:
    before = session.scalar(
        select(func.coalesce(func.max(Dial.position), 0)).where(Dial.call_id == call.id)
    )
    dials = [
        Dial(
            purpose=DialPurpose.LIVE,
            call_id=call.id,
            conversation_id=call.conversation_id,
            worker_id=worker.id,
            position=place,
        )
        for place, worker in enumerate(workers, start=(before or 0) + 1)
    ]
    session.add_all(dials)
    session.flush()
    return dials


def ring(service: Service, line: Switchboard, dial_id: int) -> None:
    """Ring one worker's phone. Raises TransientFailure when it shall be tried again."""
    with transaction() as session:
        dial = _hold_dial(session, dial_id)
        if not _is_wanted(session, dial):
            return
        again, dial.asked, dial.status = dial.asked, True, DialStatus.RINGING
        number = phone_of(service.book, dial.worker)
        late = service.settings.ring_seconds + LATE_AFTER_SECONDS
        jobs.enqueue(session, jobs.RING_LATE, delay_seconds=late, dial_id=dial.id)
    try:
        sid = line.ring(
            number or "",
            "/telephony/worker/call",
            f"{KEY}{dial_id}",
            again=again,
            seconds=service.settings.ring_seconds,
        )
    except PermanentFailure as failure:
        code = int(str(failure)) if str(failure).isdecimal() else None
        with transaction() as session:
            finish(session, service, dial_id, DialStatus.FAILED, code=code)
        return
    with transaction() as session:
        _hold_dial(session, dial_id).provider_sid = sid


def _is_wanted(session: Session, dial: Dial) -> bool:
    """Whether this phone shall still ring: the caller waits, and nobody has taken the call."""
    if dial.status is not DialStatus.QUEUED and not (
        dial.status is DialStatus.RINGING and dial.provider_sid is None
    ):
        return False
    if dial.purpose is DialPurpose.RING_BACK:
        return True
    call = session.get_one(Call, dial.call_id)
    if call.status is CallStatus.HOLDING:
        return True
    gone = call.status is CallStatus.ENDED
    dial.status = DialStatus.CALLER_GONE if gone else DialStatus.TAKEN
    dial.ended_at = utcnow()
    return False


def answered(session: Session, dial_id: int) -> Dial:
    """Somebody, or a voicemail, has picked up; return the ring they belong to."""
    dial = _hold_dial(session, dial_id)
    if dial.status in {DialStatus.QUEUED, DialStatus.RINGING}:
        dial.status, dial.answered_at = DialStatus.ANSWERED, utcnow()
    return dial


def finish(
    session: Session,
    service: Service,
    dial_id: int,
    status: DialStatus,
    *,
    code: int | None = None,
) -> None:
    """Write down how a ring ended without being taken, and ring the next phone.

    One that has ended already changes nothing, so a late report rings nobody twice.
    """
    del service
    dial = _hold_dial(session, dial_id)
    if not dial.status.is_open:
        return
    if status is DialStatus.NO_ANSWER and dial.status is DialStatus.ANSWERED:
        status = DialStatus.NO_KEY
    dial.status, dial.error_code, dial.ended_at = status, code, utcnow()
    log.info("ring ended", extra={"worker_id": dial.worker_id, "status": status})
    if dial.purpose is not DialPurpose.LIVE:
        return
    call = session.get_one(Call, dial.call_id)
    following = session.scalar(
        select(Dial)
        .where(Dial.call_id == call.id, Dial.status == DialStatus.QUEUED, ~Dial.asked)
        .order_by(Dial.position)
        .limit(1)
    )
    if call.status is CallStatus.HOLDING and following is not None:
        jobs.enqueue(session, jobs.RING, dial_id=following.id)


def is_exhausted(session: Session, call: Call) -> bool:
    """Whether every phone was rung and none can still take this call."""
    statuses = session.scalars(select(Dial.status).where(Dial.call_id == call.id))
    return not any(status.is_open for status in statuses)


def take(session: Session, service: Service, dial_id: int) -> Taking:
    """Give the call to the worker who pressed the key; all but the first are told why not."""
    dial = _hold_dial(session, dial_id)
    if dial.purpose is DialPurpose.RING_BACK:
        dial.status = DialStatus.ACCEPTED
        return Taking.RING_BACK
    call = session.get_one(Call, dial.call_id)
    if dial.status is DialStatus.ACCEPTED:
        return Taking.CONNECTED  # the carrier asks again
    outcome = _outcome(call)
    if outcome is not Taking.CONNECTED:
        gone = outcome is Taking.CALLER_GONE
        dial.status = DialStatus.CALLER_GONE if gone else DialStatus.TAKEN
        dial.ended_at = utcnow()
        return outcome
    dial.status, dial.answered_at = DialStatus.ACCEPTED, dial.answered_at or utcnow()
    call.status, call.worker_id, call.taken_at = CallStatus.WITH_WORKER, dial.worker_id, utcnow()
    _give(session, service, call.conversation, dial.worker)
    stop_ringing(session, call)
    return outcome


def _outcome(call: Call) -> Taking:
    return {
        CallStatus.HOLDING: Taking.CONNECTED,
        CallStatus.WITH_WORKER: Taking.TAKEN,
        CallStatus.ENDED: Taking.CALLER_GONE,
        CallStatus.TALKING: Taking.NO_LONGER,
    }[call.status]


def _give(session: Session, service: Service, conversation: Conversation, worker: Worker) -> None:
    """Hand the conversation to the worker who is now talking: that is the acknowledgement too."""
    waiting = handover.find_open(session, conversation)
    if waiting is None:
        return
    if waiting.status is HandoverStatus.REQUESTED:
        handover.claim(session, waiting.id, worker.id, worker.name)
    ladder.acknowledge(session, service, waiting.id, worker.id, AlertWay.CALL)


def stop_ringing(session: Session, call: Call) -> None:
    """Phones that still ring for this call are let be; those that are answered are told why."""
    ringing = session.scalars(
        select(Dial).where(
            Dial.call_id == call.id, Dial.status.in_([DialStatus.QUEUED, DialStatus.RINGING])
        )
    )
    for dial in ringing:
        if dial.asked:
            jobs.enqueue(session, jobs.STOP_RINGING, dial_id=dial.id)
        else:
            dial.status, dial.ended_at = DialStatus.TAKEN, utcnow()


def stop(line: Switchboard, dial_id: int) -> None:
    """End the ringing of one phone at the carrier."""
    with transaction() as session:
        dial = _hold_dial(session, dial_id)
        sid = dial.provider_sid if dial.status is DialStatus.RINGING else None
        if dial.status in {DialStatus.QUEUED, DialStatus.RINGING}:
            dial.status, dial.ended_at = DialStatus.TAKEN, utcnow()
    if sid is not None:
        line.end_call(sid, answered=False)


def leave_hold(session: Session, call: Call) -> None:
    """Stop ringing for a caller who is still on the line and waits no longer."""
    if call.status is CallStatus.HOLDING:
        call.status = CallStatus.TALKING
        stop_ringing(session, call)


def not_joined(session: Session, dial_id: int) -> None:
    """Write down that the caller left before they and the worker were put together."""
    dial = _hold_dial(session, dial_id)
    if dial.status is DialStatus.ACCEPTED:
        dial.status, dial.ended_at = DialStatus.CALLER_GONE, utcnow()


def ring_back(
    session: Session, service: Service, conversation: Conversation, worker: Worker
) -> Dial:
    """Ring a worker to put them through to a family, both seeing only the helpline's number.

    Raises Conflict when there is no number that is safe to ring, or the worker has no phone.
    """
    if calls.number_to_ring(session, service, conversation.id) is None:
        raise Conflict("there is no number that is safe to ring")
    if phone_of(service.book, worker) is None:
        raise Conflict("this worker has no phone number")
    dial = Dial(
        purpose=DialPurpose.RING_BACK,
        conversation_id=conversation.id,
        worker_id=worker.id,
        position=1,
    )
    session.add(dial)
    session.flush()
    audit.record(
        session,
        actor=f"worker:{worker.id}",
        action="ring_back_asked",
        subject_type="conversation",
        subject_id=conversation.id,
        dial_id=dial.id,
    )
    jobs.enqueue(session, jobs.RING, dial_id=dial.id)
    return dial


def turn_into_ring_back(session: Session, dial_id: int) -> Dial:
    """Let a worker whose caller has gone ring them: the same call of theirs goes on."""
    dial = _hold_dial(session, dial_id)
    dial.purpose, dial.status = DialPurpose.RING_BACK, DialStatus.ACCEPTED
    return dial


def find_handover(session: Session, dial: Dial) -> Handover | None:
    """Return the open handover a ring is about."""
    conversation = session.get_one(Conversation, dial.conversation_id)
    return handover.find_open(session, conversation)


def dial_of(key: str) -> int:
    """Return the id in a ring's key; NotFound when it is none."""
    number = key.removeprefix(KEY)
    if not key.startswith(KEY) or not number.isdecimal():
        raise NotFound("no such ring")
    return int(number)


def _hold_dial(session: Session, dial_id: int) -> Dial:
    """Return a ring, its row and its call's held: always the call's first, so none waits in a ring.

    NotFound when there is none.
    """
    dial = session.get(Dial, dial_id)
    if dial is None:
        raise NotFound("no such ring")
    if dial.call_id is not None:
        session.get(Call, dial.call_id, with_for_update=True, populate_existing=True)
    session.refresh(dial, with_for_update=True)
    return dial
