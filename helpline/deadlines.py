"""What an open handover is held to: its promise, its ladder, its alarm. Fields and their jobs.

Every time stands in the handover's row and has a job; a job that is lost is found again by the
sweeps of `ladder` and `promises`, which read the rows.
"""

import math
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline import jobs
from helpline.enums import HandoverStatus, Severity
from helpline.models import Handover
from helpline.rota import Promise

# The family hears that a time has moved before it passes.
NOTICE_BEFORE_PROMISE = timedelta(minutes=3)
# A worker who is in the conversation gets this long to answer before anyone is alerted.
GRACE_IN_CONVERSATION = timedelta(minutes=2)


def set_promise(handover: Handover, promise: Promise) -> None:
    """Name who will come and by when. A time that passes without them raises an alarm."""
    handover.worker_id = promise.worker_id
    handover.worker_name = promise.worker_name
    handover.promised_at = promise.by
    handover.staffed = promise.staffed_now
    # A promise that moved is still watched at the time that was given first.
    handover.alarm_at = min(handover.alarm_at or promise.by, promise.by)


def watch_promise(session: Session, handover: Handover, now: datetime) -> None:
    """Queue what happens shortly before the promised time, and at it."""
    wait = max(handover.promised_at - NOTICE_BEFORE_PROMISE - now, timedelta(seconds=30))
    jobs.enqueue(session, jobs.KEEP_PROMISE, delay_seconds=_seconds(wait), handover_id=handover.id)
    if handover.alarm_at is not None:
        wait = handover.alarm_at - now
        jobs.enqueue(
            session, jobs.CHECK_PROMISE, delay_seconds=_seconds(wait), handover_id=handover.id
        )


def start_ladder(session: Session, handover: Handover, now: datetime, begins: datetime) -> None:
    """Start a round of alerts: at once when a life may be in danger, else when someone is there."""
    handover.ladder_from = handover.ladder_step
    handover.ladder_started_at = now
    at = now if handover.severity is Severity.IMMEDIATE else max(now, begins)
    set_next_step(session, handover, now, at)


def restart_ladder(session: Session, handover: Handover, now: datetime) -> None:
    """Something new was said: whoever had seen it has not seen this. A running round goes on."""
    if handover.acknowledged_at is None and handover.ladder_due_at is not None:
        waits_for_a_shift = handover.ladder_step == handover.ladder_from
        if waits_for_a_shift and handover.severity is Severity.IMMEDIATE:
            start_ladder(session, handover, now, now)
        return
    handover.acknowledged_at = handover.acknowledged_by_id = handover.acknowledged_way = None
    claimed = handover.status is HandoverStatus.CLAIMED
    handover.ladder_from = handover.ladder_step
    handover.ladder_started_at = now
    set_next_step(session, handover, now, now + GRACE_IN_CONVERSATION if claimed else now)


def set_next_step(session: Session, handover: Handover, now: datetime, at: datetime) -> None:
    """Write down when the next step of the ladder is due, and queue it."""
    handover.ladder_due_at = at
    session.flush()
    jobs.enqueue(
        session,
        jobs.LADDER_STEP,
        delay_seconds=_seconds(at - now),
        handover_id=handover.id,
        step=handover.ladder_step + 1,
    )


def stop(handover: Handover) -> None:
    """End the ladder and the watch on the promise: a person has it."""
    handover.ladder_due_at = None
    handover.alarm_at = None


def _seconds(wait: timedelta) -> int:
    # Up, never down: a job that starts early would find nothing due.
    return max(0, math.ceil(wait.total_seconds()))
