"""Keeping the time a family was given: it moves before it passes, and a missed one is an alarm."""

import logging
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpline import alerts, audit, deadlines, handover, rota, tasks
from helpline.clock import utcnow
from helpline.enums import AlertKind, HandoverStatus, Rung, TaskKind
from helpline.models import Handover
from helpline.service import Service

TASK_DUE = timedelta(minutes=5)  # a family that waited in vain comes before other work

log = logging.getLogger(__name__)


def keep_promise(session: Session, service: Service, handover_id: int) -> None:
    """Just before a promised time: if nobody has claimed it, move the time and say so first.

    Does nothing once a worker has claimed or closed it, or when a newer clock is running.
    """
    conversation, held = handover.hold(session, handover_id)
    now = utcnow()
    if held.status is not HandoverStatus.REQUESTED:
        return
    if held.promised_at - now > deadlines.NOTICE_BEFORE_PROMISE + timedelta(minutes=1):
        return
    late = held.promised_at
    promise = service.promise(
        session,
        held.severity,
        held.prison,
        max(now, late),
        conversation.language,
        prefer=held.acknowledged_by_id,
    )
    deadlines.set_promise(held, promise)
    audit.record(
        session,
        actor="clock",
        action="promise_moved",
        subject_type="handover",
        subject_id=held.id,
        was=late.isoformat(),
        promised_at=promise.by.isoformat(),
        worker_id=promise.worker_id,
    )
    handover.say(session, service, conversation, held, "promise_moved", now)
    deadlines.watch_promise(session, held, now)


def check_promise(session: Session, service: Service, handover_id: int) -> bool:
    """Raise the alarm when a promised time has passed and nobody took over; say whether it was.

    A time that was moved in time still counts: the family was given it. The alarm is a task, an
    alert to the duty lead and an error in the log, once for each time that passed.
    """
    conversation, held = handover.hold(session, handover_id)
    now = utcnow()
    if held.status is not HandoverStatus.REQUESTED or held.alarm_at is None or now < held.alarm_at:
        return False
    missed = held.alarm_at
    occasion = f"missed:{int(missed.timestamp())}"
    tasks.open_task(
        session,
        TaskKind.MISSED_PROMISE,
        key=f"handover:{held.id}:{occasion}",
        due_at=now + TASK_DUE,
        opened_by="clock",
        severity=held.severity,
        conversation_id=conversation.id,
        handover_id=held.id,
        promised_at=missed.isoformat(),
        worker_id=held.worker_id,
    )
    for lead in rota.duty_leads(session, now)[:1]:
        alerts.raise_alert(
            session,
            service,
            held,
            kind=AlertKind.PROMISE_MISSED,
            rung=Rung.DUTY_LEAD,
            worker=lead,
            occasion=occasion,
        )
    audit.record(
        session,
        actor="clock",
        action="promise_missed",
        subject_type="handover",
        subject_id=held.id,
        promised_at=missed.isoformat(),
        worker_id=held.worker_id,
    )
    log.error("a promise was missed", extra={"handover_id": held.id, "severity": held.severity})
    held.alarm_at = held.promised_at if held.promised_at > missed else None
    if held.promised_at - now <= deadlines.NOTICE_BEFORE_PROMISE:
        keep_promise(session, service, handover_id)  # it passed unseen: nobody was told it moves
    else:
        deadlines.watch_promise(session, held, now)
    return True


def sweep(session: Session, service: Service) -> int:
    """Do what is due and whose job was lost; return how many alarms. Run every few seconds."""
    now = utcnow()
    soon = now + deadlines.NOTICE_BEFORE_PROMISE - timedelta(seconds=20)
    due = session.scalars(
        select(Handover.id)
        .where(
            Handover.status == HandoverStatus.REQUESTED,
            or_(Handover.alarm_at <= now, Handover.promised_at <= soon),
        )
        .order_by(Handover.promised_at)
    ).all()
    alarms = 0
    for found in due:
        alarms += check_promise(session, service, found)
        keep_promise(session, service, found)
    return alarms
