"""Telling a worker: rows first, then the carrier, then how it went. Each alert goes out once."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from helpline import audit, jobs
from helpline.clock import utcnow
from helpline.enums import (
    ALERT_MOVES,
    AlertKind,
    AlertStatus,
    AlertWay,
    Channel,
    HandoverStatus,
    Rung,
    Severity,
    move,
)
from helpline.models import Alert, Handover, Worker
from helpline.service import Service
from helpline.workers import phone_of

MOST_TRIES = 4  # of one text or call, when the carrier fails for now
_CODE = re.compile(r"[^a-z0-9_.:-]+")
_WORDS = {
    Severity.IMMEDIATE: "worker_alert_immediate",
    Severity.URGENT: "worker_alert_urgent",
    Severity.NONE: "worker_alert_person",
}
_KIND_WORDS = {
    AlertKind.MORE_SAID: "worker_alert_more_said",
    AlertKind.TAKEN_BACK: "worker_alert_taken_back",
    AlertKind.PROMISE_MISSED: "worker_alert_promise_missed",
}


@dataclass(frozen=True)
class Outgoing:
    """One alert ready for the line. `again`: an earlier try ended without anyone knowing how."""

    alert_id: int
    handover_id: int
    way: AlertWay
    to: str
    body: str
    key: str
    again: bool


def raise_alert(
    session: Session,
    service: Service,
    handover: Handover,
    *,
    kind: AlertKind,
    rung: Rung,
    worker: Worker | None,
    occasion: str,
    step: int = 0,
) -> list[Alert]:
    """Alert a worker on the desk and by phone as they wish; without a worker, the fallback number.

    `occasion` names what this is about within the handover: the same occasion alerts the same
    person once. Returns the alerts that are new. The caller holds the handover's row.
    """
    ways = _ways(service, worker)
    made = [
        add_alert(
            session,
            handover,
            kind=kind,
            rung=rung,
            worker_id=worker.id if worker else None,
            way=way,
            occasion=occasion,
            step=step,
        )
        for way in ways
    ]
    return [alert for alert in made if alert is not None]


def add_alert(
    session: Session,
    handover: Handover,
    *,
    kind: AlertKind,
    rung: Rung,
    worker_id: int | None,
    way: AlertWay,
    occasion: str,
    step: int = 0,
) -> Alert | None:
    """Write one alert down and queue its sending; None when it was made before."""
    now = utcnow()
    on_desk = way is AlertWay.DESK
    values = {
        "key": f"handover:{handover.id}:{occasion}:{worker_id or rung.value}:{way.value}",
        "handover_id": handover.id,
        "kind": kind,
        "step": step,
        "rung": rung,
        "worker_id": worker_id,
        "way": way,
        # The desk shows what is committed: there it is sent the moment it is written.
        "status": AlertStatus.SENT if on_desk else AlertStatus.QUEUED,
        "sent_at": now if on_desk else None,
        "created_at": now,
        "tries": 0,
    }
    statement = insert(Alert).values(values).on_conflict_do_nothing(index_elements=["key"])
    alert: Alert | None = session.scalar(statement.returning(Alert))
    if alert is None:
        return None
    _note(session, alert, "worker_alerted")
    if not on_desk:
        queue_sending(session, alert)
    return alert


def queue_sending(session: Session, alert: Alert) -> None:
    """Queue the sending of an alert. Those to one phone are sent one after another.

    So a process that died leaves at most one in doubt, and the newest call to that phone is either
    its own or one whose alert is known.
    """
    phone = f"alerts:{alert.worker_id or alert.rung.value}:{alert.way.value}"
    jobs.enqueue(session, jobs.SEND_ALERT, lock=phone, alert_id=alert.id)


def try_other_way(session: Session, service: Service, handover: Handover, failed: Alert) -> bool:
    """Alert the same person by the other way their phone has, once; say whether there was one."""
    return any(
        add_alert(
            session,
            handover,
            kind=failed.kind,
            rung=failed.rung,
            worker_id=failed.worker_id,
            way=way,
            occasion=failed.key.split(":", 2)[2].rsplit(":", 2)[0],
            step=failed.step,
        )
        is not None
        for way in phone_ways(service, failed.worker)
    )


def prepare_send(session: Session, service: Service, alert_id: int) -> Outgoing | None:
    """Mark an alert as being sent, before the carrier is asked; None when it need not be."""
    alert = session.get_one(Alert, alert_id, with_for_update=True)
    if alert.status not in {AlertStatus.QUEUED, AlertStatus.SENDING}:
        return None
    handover = session.get_one(Handover, alert.handover_id)
    again = alert.status is AlertStatus.SENDING
    step_taken = handover.acknowledged_at is not None or handover.status is HandoverStatus.CLOSED
    if alert.step and step_taken and not again:
        _move(session, alert, AlertStatus.NOT_NEEDED)
        return None
    worker = session.get(Worker, alert.worker_id) if alert.worker_id is not None else None
    to = _number(service, worker)
    if to is None:
        _move(session, alert, AlertStatus.FAILED, error="no_number")
        return None
    if not again:
        _move(session, alert, AlertStatus.SENDING)
    alert.tries += 1
    return Outgoing(
        alert_id=alert.id,
        handover_id=handover.id,
        way=alert.way,
        to=to,
        # Its own number makes each text its own: one that may have gone out is found by its words.
        body=f"{words(service, alert, handover, Channel.SMS).strip()} ({alert.id})",
        key=alert.key,
        again=again,
    )


def words(service: Service, alert: Alert, handover: Handover, channel: Channel) -> str:
    """Return what a worker reads or hears: how serious, which prison, how to answer. No names."""
    prison = handover.prison
    return service.guide.phrase(
        _KIND_WORDS.get(alert.kind, _WORDS[handover.severity]),
        channel,
        reference=str(handover.id),
        prison=service.guide.prison_name(prison, channel)
        if prison is not None and prison in service.guide.contacts.prisons
        else service.guide.phrase("prison_not_known", channel),
    )


def note_sent(session: Session, alert_id: int, provider_sid: str) -> None:
    """Write down that the carrier took it.

    An id that is known for another alert is not kept: a runner that was paused long enough to be
    taken for dead may find the call of the one that took its place.
    """
    alert = session.get_one(Alert, alert_id, with_for_update=True)
    if alert.provider_sid is None and find_by_sid(session, provider_sid) is None:
        alert.provider_sid = provider_sid
    if alert.status in {AlertStatus.QUEUED, AlertStatus.SENDING}:
        _move(session, alert, AlertStatus.SENT)


def note_delivered(session: Session, alert_id: int) -> None:
    """Write down a receipt: it reached the phone. Late and repeated ones change nothing.

    What failed stays failed: a receipt that comes after that does not make a phone reachable.
    """
    alert = session.get_one(Alert, alert_id, with_for_update=True)
    if AlertStatus.DELIVERED in ALERT_MOVES[alert.status]:
        _move(session, alert, AlertStatus.DELIVERED)


def note_failed(session: Session, alert_id: int, error: str) -> Alert | None:
    """Write down that it did not reach them; None when that was known or they have seen it."""
    alert = session.get_one(Alert, alert_id, with_for_update=True)
    if AlertStatus.FAILED not in ALERT_MOVES[alert.status]:
        return None
    _move(session, alert, AlertStatus.FAILED, error=error)
    return alert


def may_try_again(session: Session, alert_id: int) -> bool:
    """Whether an alert that failed for now has tries left."""
    return session.get_one(Alert, alert_id).tries < MOST_TRIES


def find_by_sid(session: Session, provider_sid: str) -> Alert | None:
    """Return the alert that the carrier knows by this id."""
    return session.scalar(select(Alert).where(Alert.provider_sid == provider_sid))


def acknowledge_all(session: Session, handover_id: int, worker_id: int | None) -> None:
    """Mark what this worker (or the fallback number) was sent about a handover as seen."""
    sent = session.scalars(
        select(Alert)
        .where(
            Alert.handover_id == handover_id,
            Alert.worker_id == worker_id if worker_id is not None else Alert.worker_id.is_(None),
            Alert.acknowledged_at.is_(None),
        )
        .with_for_update()
    ).all()
    for alert in sent:
        if AlertStatus.ACKNOWLEDGED in ALERT_MOVES[alert.status]:
            _move(session, alert, AlertStatus.ACKNOWLEDGED)


def phone_ways(service: Service, worker: Worker | None) -> tuple[AlertWay, ...]:
    """Return the ways a phone may be used, the preferred first; none when no number is known."""
    if _number(service, worker) is None:
        return ()
    if worker is None:
        return (AlertWay.CALL,)  # the fallback may be any phone, and a text proves nothing
    if worker.alert_by is AlertWay.CALL:
        return (AlertWay.CALL, AlertWay.TEXT)
    return (AlertWay.TEXT, AlertWay.CALL)


def _ways(service: Service, worker: Worker | None) -> tuple[AlertWay, ...]:
    if worker is None:
        return phone_ways(service, None)
    if worker.alert_by is AlertWay.DESK:
        return (AlertWay.DESK,)
    return (AlertWay.DESK, *phone_ways(service, worker)[:1])


def _number(service: Service, worker: Worker | None) -> str | None:
    if worker is None:
        return service.settings.fallback_number or None
    return phone_of(service.book, worker)


def _move(session: Session, alert: Alert, to: AlertStatus, *, error: str | None = None) -> None:
    alert.status = move(ALERT_MOVES, alert.status, to)
    now = utcnow()
    if to is AlertStatus.SENT:
        alert.sent_at = now
    elif to is AlertStatus.DELIVERED:
        alert.delivered_at = now
    elif to is AlertStatus.FAILED:
        alert.failed_at = now
        alert.error = _CODE.sub("_", (error or "unknown").lower())[:80]
    elif to is AlertStatus.ACKNOWLEDGED:
        alert.acknowledged_at = now
    session.flush()
    _note(session, alert, f"alert_{to.value}")


def _note(session: Session, alert: Alert, action: str) -> None:
    audit.record(
        session,
        actor="clock",
        action=action,
        subject_type="handover",
        subject_id=alert.handover_id,
        alert_id=alert.id,
        kind=alert.kind,
        step=alert.step,
        rung=alert.rung,
        way=alert.way,
        worker_id=alert.worker_id,
        error=alert.error,
    )
