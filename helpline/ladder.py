"""The ladder: alert one person after another until a human says they have it.

The first worker at once, a second after 5 minutes, the duty lead after 10, the fallback number
after 20, then the duty lead and the fallback number again and again. Each step is one transaction
under the handover's row: it happens once, whichever process takes it and however often.
"""

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import alerts, audit, deadlines, handover, rota
from helpline.clock import utcnow
from helpline.enums import (
    AlertKind,
    AlertStatus,
    AlertWay,
    HandoverStatus,
    Rung,
    Sender,
    Severity,
)
from helpline.errors import Conflict
from helpline.messages import add_message
from helpline.models import Alert, Conversation, Handover, Message, Worker
from helpline.service import Service

# Minutes from the start of a round to its steps; after the last one every `ladder_repeat_minutes`.
STEPS = (timedelta(0), timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20))
# A step this late is taken by the sweep: its job was lost.
LATE = timedelta(seconds=20)
# The database's clock, which starts jobs, and this machine's may differ by this much.
EARLY = timedelta(seconds=2)

_NUMBER = re.compile(r"\d+")

log = logging.getLogger(__name__)


def take_step(session: Session, service: Service, handover_id: int, step: int) -> bool:
    """Take step number `step` of a handover's ladder if it is the next and due; say whether."""
    _conversation, held = handover.hold(session, handover_id)
    now = utcnow()
    if (
        held.ladder_due_at is None
        or step != held.ladder_step + 1
        or now < held.ladder_due_at - EARLY
        or not _is_waiting(session, held)
    ):
        return False
    place = step - held.ladder_from  # 1 is the first of this round
    targets = _targets(session, service, held, place, now)
    held.ladder_step = step
    for rung, worker in targets:
        alerts.raise_alert(
            session,
            service,
            held,
            kind=_kind(held),
            rung=rung,
            worker=worker,
            occasion=f"step:{step}",
            step=step,
        )
    _queue_next(session, service, held, place, now)
    audit.record(
        session,
        actor="clock",
        action="ladder_step_taken",
        subject_type="handover",
        subject_id=held.id,
        step=step,
        place=place,
        worker_ids=[worker.id for _rung, worker in targets if worker is not None],
    )
    extra = {"handover_id": held.id, "severity": held.severity, "step": step, "place": place}
    if targets:
        log.warning("a person is needed", extra=extra)
    else:
        log.error("a person is needed and nobody can be alerted", extra=extra)
    return True


def acknowledge(
    session: Session, service: Service, handover_id: int, worker_id: int | None, way: AlertWay
) -> Handover:
    """Stop the ladder: a human has seen it. The family is told who.

    `worker_id` is None for whoever answers the fallback number. Saying it twice changes nothing; a
    second worker who says it is noted, and the first keeps it. Conflict when it is closed.
    """
    conversation, held = handover.hold(session, handover_id)
    if held.status is HandoverStatus.CLOSED:
        raise Conflict("this handover is closed")
    alerts.acknowledge_all(session, held.id, worker_id)
    audit.record(
        session,
        actor="fallback" if worker_id is None else f"worker:{worker_id}",
        action="handover_acknowledged",
        subject_type="handover",
        subject_id=held.id,
        way=way,
        first=held.acknowledged_at is None,
    )
    if held.acknowledged_at is not None:
        return held
    handover.mark_acknowledged(held, worker_id, way)
    if held.status is HandoverStatus.REQUESTED:
        worker = session.get_one(Worker, worker_id) if worker_id is not None else None
        if worker is not None:
            held.worker_id, held.worker_name = worker.id, worker.name
        _tell_the_family(session, service, conversation, held, worker)
    session.flush()
    return held


def acknowledge_by_reply(
    session: Session, service: Service, worker: Worker, text: str
) -> Handover | None:
    """Take a worker's text, such as "YES 12", as their acknowledgement of handover 12.

    Without a number it means the one alert they have not answered, if there is just one. Returns
    None when it cannot be known which is meant, or when it is closed.
    """
    waiting = session.scalars(
        select(Handover)
        .join(Alert, Alert.handover_id == Handover.id)
        .where(
            Alert.worker_id == worker.id,
            Alert.way != AlertWay.DESK,
            Handover.status != HandoverStatus.CLOSED,
        )
        .distinct()
        .order_by(Handover.id)
    ).all()
    named = {int(number) for number in _NUMBER.findall(text)}
    meant = [one for one in waiting if one.id in named]
    if not named:
        meant = [one for one in waiting if one.acknowledged_at is None]
    if len(meant) != 1:
        return None
    return acknowledge(session, service, meant[0].id, worker.id, AlertWay.TEXT)


def note_failure(session: Session, service: Service, alert_id: int, error: str) -> None:
    """Write down that an alert failed: try the phone the other way, then the next person now.

    Called when the carrier refuses, and when a receipt or a call's end says so. `error` is a code.
    """
    reference = session.get_one(Alert, alert_id)
    _conversation, held = handover.hold(session, reference.handover_id)
    failed = alerts.note_failed(session, alert_id, error)
    if failed is None:
        return
    log.warning("alert failed", extra={"alert_id": alert_id, "handover_id": held.id})
    if held.acknowledged_at is not None or held.status is HandoverStatus.CLOSED:
        return
    if alerts.try_other_way(session, service, held, failed):
        return
    if failed.step and failed.step == held.ladder_step and _all_failed(session, held):
        _bring_next_forward(session, held)


def sweep(session: Session, service: Service) -> int:
    """Take every step whose job was lost; return how many. The second net under the job chain."""
    late = session.execute(
        select(Handover.id, Handover.ladder_step)
        .where(Handover.status != HandoverStatus.CLOSED, Handover.ladder_due_at < utcnow() - LATE)
        .order_by(Handover.ladder_due_at)
    ).all()
    return sum(take_step(session, service, found, step + 1) for found, step in late)


def requeue_unsent(session: Session) -> int:
    """Queue alerts whose sending has not ended after a minute, their jobs lost; return how many."""
    stuck = session.scalars(
        select(Alert).where(
            Alert.status.in_((AlertStatus.QUEUED, AlertStatus.SENDING)),
            Alert.created_at < utcnow() - timedelta(minutes=1),
            Alert.created_at > utcnow() - timedelta(hours=1),
        )
    ).all()
    for alert in stuck:
        alerts.queue_sending(session, alert)
    return len(stuck)


def _kind(held: Handover) -> AlertKind:
    if held.severity is Severity.NONE:
        return AlertKind.PERSON_ASKED_FOR
    if held.status is HandoverStatus.CLAIMED:
        return AlertKind.MORE_SAID
    return AlertKind.CONCERN


def _is_waiting(session: Session, held: Handover) -> bool:
    """Whether still nobody has it: a worker who wrote back since the round began has."""
    if held.status is HandoverStatus.CLOSED or held.acknowledged_at is not None:
        return False
    if held.status is not HandoverStatus.CLAIMED:
        return True
    answered = session.scalar(
        select(Message.id)
        .where(
            Message.conversation_id == held.conversation_id,
            Message.sender == Sender.WORKER,
            Message.created_at >= held.ladder_started_at,
        )
        .limit(1)
    )
    if answered is not None:
        handover.mark_acknowledged(held, held.worker_id, AlertWay.DESK)
    return answered is None


def _targets(
    session: Session, service: Service, held: Handover, place: int, now: datetime
) -> list[tuple[Rung, Worker | None]]:
    """Return whom this step alerts: the next of the ladder who was not alerted in this round."""
    alerted = set(
        session.scalars(
            select(Alert.worker_id).where(
                Alert.handover_id == held.id, Alert.step > held.ladder_from
            )
        )
    )
    if place < len(STEPS):
        for rung, worker in _rungs(session, service, held, place, now):
            if (worker.id if worker else None) not in alerted:
                return [(rung, worker)]
    leads = rota.duty_leads(session, now)[:1]
    last: list[tuple[Rung, Worker | None]] = [(Rung.DUTY_LEAD, lead) for lead in leads]
    if service.settings.fallback_number:
        last.append((Rung.FALLBACK, None))
    else:  # nobody outside to ring: whoever is on, once more
        last += [(Rung.FIRST, worker) for worker in _crew(session, service, held, now)]
    return last


def _rungs(
    session: Session, service: Service, held: Handover, place: int, now: datetime
) -> Iterator[tuple[Rung, Worker | None]]:
    """Yield who comes at this place or, if they were alerted or are not there, in their stead."""
    if place <= 2:  # noqa: PLR2004 - the third is the duty lead's
        rung = Rung.FIRST if place == 1 else Rung.SECOND
        for worker in _crew(session, service, held, now):
            yield (Rung.DUTY_LEAD if worker.duty_lead else rung, worker)
    yield from ((Rung.DUTY_LEAD, lead) for lead in rota.duty_leads(session, now)[:1])
    if service.settings.fallback_number:
        yield (Rung.FALLBACK, None)


def _crew(session: Session, service: Service, held: Handover, now: datetime) -> list[Worker]:
    """Return who may come, the one who was promised first if they are there or have it."""
    conversation = session.get_one(Conversation, held.conversation_id)
    need = service.need(held.severity, held.prison, conversation.language, prefer=held.worker_id)
    there = rota.on_duty(session, need, now)
    named = held.worker
    if named is not None and held.status is HandoverStatus.CLAIMED and named not in there:
        return [named, *there]
    return there


def _queue_next(
    session: Session, service: Service, held: Handover, place: int, now: datetime
) -> None:
    if held.severity is Severity.NONE:  # somebody asked for a person: the promise watches over it
        held.ladder_due_at = None
        return
    repeat = timedelta(minutes=service.settings.ladder_repeat_minutes)
    wait = STEPS[place] - STEPS[place - 1] if place < len(STEPS) else repeat
    deadlines.set_next_step(session, held, now, now + wait)


def _all_failed(session: Session, held: Handover) -> bool:
    by_phone = session.scalars(
        select(Alert.status).where(
            Alert.handover_id == held.id,
            Alert.step == held.ladder_step,
            Alert.way != AlertWay.DESK,
        )
    ).all()
    return all(status is AlertStatus.FAILED for status in by_phone)


def _bring_next_forward(session: Session, held: Handover) -> None:
    now = utcnow()
    place = held.ladder_step - held.ladder_from
    if place < len(STEPS) and held.ladder_due_at is not None and held.ladder_due_at > now:
        deadlines.set_next_step(session, held, now, now)


def _tell_the_family(
    session: Session,
    service: Service,
    conversation: Conversation,
    held: Handover,
    worker: Worker | None,
) -> None:
    now = utcnow()
    phrase = "person_has_read" if worker is None else "worker_has_read"
    fields = handover.promise_fields(held, now)
    if worker is None:
        fields.pop("worker")
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
