"""Who is on, who comes next, and the clock time the helpline can keep."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from helpline.clock import london_date
from helpline.enums import HandoverStatus, Severity, ShiftCover
from helpline.models import Absence, Handover, Shift, Worker
from helpline.opening import (
    OpeningHours,
    Stretch,
    is_bank_holiday,
    london_stretch,
    staffed_stretches,
    without,
)

DAYS_AHEAD = 28  # over Christmas a weekly shift may be off two weeks running
ROUND_TO = timedelta(minutes=5)
LEAST_NOTICE = timedelta(minutes=15)  # a shift with less than this left promises nothing new


@dataclass(frozen=True)
class Promise:
    """A named worker and the time by which they will have taken over the conversation.

    `begins` is when that worker is there to be alerted: now, or the start of their shift.
    `staffed_now`: somebody is there for it already, that worker or a colleague.
    """

    worker_id: int | None
    worker_name: str
    by: datetime
    staffed_now: bool
    begins: datetime


@dataclass(frozen=True)
class Duty:
    """One stretch a worker is there, absences cut out: part of the `shift` that starts `on`."""

    worker: Worker
    shift: Shift
    on: date
    starts: datetime
    ends: datetime

    def takes(self, severity: Severity) -> bool:
        """Whether this shift is there for it: an on-call shift takes danger to life only."""
        return self.shift.cover is ShiftCover.ALL or severity is Severity.IMMEDIATE


@dataclass(frozen=True)
class Gap:
    """A stretch nobody is there for: for everything, or for danger to life."""

    cover: ShiftCover
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Need:
    """What a family needs of whoever comes; the rota prefers, and never refuses."""

    severity: Severity
    prison: str | None = None
    region: str | None = None
    language: str | None = None
    prefer: int | None = None  # a worker who knows it already


def promise(
    session: Session,
    need: Need,
    *,
    at: datetime,
    response: timedelta,
    nobody: str,
    hours: OpeningHours | None = None,
) -> Promise:
    """Return who will come and by when, for something noticed `at` an aware time.

    Of those on duty first: the worker for this prison, then for its region, then anyone, then the
    duty lead; among equals one who speaks the language, then the one with the least open work. The
    time is `at` (or the start of the next shift) plus `response`, rounded up to five minutes, and
    never after that shift ends. With no shift in the next four weeks it falls to the duty lead
    (with none, to `nobody`, the words for a person who has no name yet) within `hours`.
    """
    best: Duty | None = None
    staffed = False
    best_rank: tuple[datetime, int, int, int, int] | None = None
    busy = _open_work(session)
    for day, duties in _by_day(session, at):
        for duty in duties:
            begins = max(at, duty.starts)
            staffed = staffed or (duty.takes(need.severity) and duty.starts <= at < duty.ends)
            if not duty.takes(need.severity) or duty.ends - begins < LEAST_NOTICE:
                continue
            rank = (begins, *_order(duty.worker, need, busy))
            if best_rank is None or rank < best_rank:
                best, best_rank = duty, rank
        if best_rank is not None and london_date(best_rank[0]) <= day:
            break  # whatever starts on a later day starts later
    if best is not None:
        begins = max(at, best.starts)
        by = min(_round_up(begins + response), best.ends)
        return Promise(best.worker.id, best.worker.name, by, staffed, begins)
    opening = _next_opening(hours, at)
    begins = at if opening is None else max(at, opening.starts)
    by = _round_up(begins + response)
    leads = duty_leads(session, at)
    lead = leads[0] if leads else None
    return Promise(
        worker_id=lead.id if lead else None,
        worker_name=lead.name if lead else nobody,
        by=by if opening is None else min(by, opening.ends),
        staffed_now=False,
        begins=begins,
    )


def on_duty(session: Session, need: Need, at: datetime) -> list[Worker]:
    """Return who is there now for this need, the best placed first; each once."""
    busy = _open_work(session)
    there = {
        duty.worker
        for duty in list_duties(session, at - timedelta(days=1), at + timedelta(minutes=1))
        if duty.starts <= at < duty.ends and duty.takes(need.severity)
    }
    return sorted(there, key=lambda worker: _order(worker, need, busy))


def duty_leads(session: Session, at: datetime) -> list[Worker]:
    """Return the duty leads: first who is on duty, then who is not away, then the rest."""
    leads = session.scalars(
        select(Worker).where(Worker.active, Worker.duty_lead).order_by(Worker.id)
    ).all()
    on = {worker.id for worker in on_duty(session, Need(Severity.IMMEDIATE), at)}
    away = set(
        session.scalars(
            select(Absence.worker_id).where(Absence.starts_at <= at, Absence.ends_at > at)
        )
    )
    return sorted(leads, key=lambda lead: (lead.id not in on, lead.id in away, lead.id))


def list_duties(session: Session, starts: datetime, ends: datetime) -> list[Duty]:
    """Return every duty that overlaps the time from `starts` to `ends`, by start and worker."""
    shifts, away = _shifts(session, starts)
    first, last = london_date(starts) - timedelta(days=1), london_date(ends)
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    found = [
        duty
        for day in days
        for duty in _on_day(shifts, away, day)
        if duty.starts < ends and duty.ends > starts
    ]
    return sorted(found, key=lambda duty: (duty.starts, duty.worker.id))


def gaps(session: Session, hours: OpeningHours, starts: datetime, ends: datetime) -> list[Gap]:
    """Return the stretches between two aware times that nobody is there for, in order.

    Measured against the hours the charity means to keep, not against the rota itself.
    """
    duties = list_duties(session, starts, ends)
    whole = Stretch(starts, ends)
    meant = {
        ShiftCover.ALL: [
            part
            for stretch in staffed_stretches(
                hours, london_date(starts) - timedelta(days=1), london_date(ends)
            )
            if (part := _overlap(stretch, whole)) is not None
        ],
        ShiftCover.IMMEDIATE: [whole] if hours.on_call_always else [],
    }
    severity = {ShiftCover.ALL: Severity.URGENT, ShiftCover.IMMEDIATE: Severity.IMMEDIATE}
    found = [
        Gap(cover, left.starts, left.ends)
        for cover, stretches in meant.items()
        for stretch in stretches
        for left in without(
            stretch, [Stretch(d.starts, d.ends) for d in duties if d.takes(severity[cover])]
        )
    ]
    return sorted(found, key=lambda gap: (gap.starts, gap.cover))


def _order(worker: Worker, need: Need, busy: dict[int, int]) -> tuple[int, int, int, int]:
    if need.prefer == worker.id:
        nearness = -1
    elif need.prison is not None and need.prison in worker.prisons:
        nearness = 0
    elif need.region is not None and need.region in worker.regions:
        nearness = 1
    else:
        nearness = 3 if worker.duty_lead else 2
    foreign = need.language is not None and need.language not in worker.languages
    return nearness, int(foreign), busy.get(worker.id, 0), worker.id


def _open_work(session: Session) -> dict[int, int]:
    rows = session.execute(
        select(Handover.worker_id, func.count())
        .where(Handover.status != HandoverStatus.CLOSED, Handover.worker_id.is_not(None))
        .group_by(Handover.worker_id)
    )
    return {worker_id: count for worker_id, count in rows if worker_id is not None}


def _next_opening(hours: OpeningHours | None, at: datetime) -> Stretch | None:
    if hours is None:
        return None
    today = london_date(at)
    stretches = staffed_stretches(
        hours, today - timedelta(days=1), today + timedelta(days=DAYS_AHEAD)
    )
    coming = (s for s in stretches if s.ends - max(at, s.starts) >= LEAST_NOTICE)
    return min(coming, key=lambda stretch: stretch.starts, default=None)


def _overlap(one: Stretch, other: Stretch) -> Stretch | None:
    starts, ends = max(one.starts, other.starts), min(one.ends, other.ends)
    return Stretch(starts, ends) if starts < ends else None


def _round_up(moment: datetime) -> datetime:
    over = (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % ROUND_TO
    return moment + (ROUND_TO - over) if over else moment


def _by_day(session: Session, at: datetime) -> Iterator[tuple[date, list[Duty]]]:
    """Yield the duties of yesterday (a night may still run) and of the next four weeks."""
    shifts, away = _shifts(session, at)
    today = london_date(at)
    coming = _on_day(shifts, away, today - timedelta(days=1))
    for offset in range(-1, DAYS_AHEAD):
        day = today + timedelta(days=offset)
        duties, coming = coming, _on_day(shifts, away, day + timedelta(days=1))
        yield day, [_joined(duty, [*duties, *coming]) for duty in duties]


def _joined(duty: Duty, others: Sequence[Duty]) -> Duty:
    """Return a duty with the one that follows it at once: a night on call is two shifts."""
    for other in others:
        same = other.worker is duty.worker and other.shift.cover is duty.shift.cover
        if same and other.starts == duty.ends:
            return replace(duty, ends=other.ends)
    return duty


def _shifts(session: Session, since: datetime) -> tuple[Sequence[Shift], dict[int, list[Stretch]]]:
    shifts = session.scalars(
        select(Shift)
        .join(Shift.worker)
        .where(
            Worker.active,
            or_(Shift.on_date.is_(None), Shift.on_date >= london_date(since) - timedelta(days=1)),
        )
        .options(joinedload(Shift.worker))
    ).all()
    away: dict[int, list[Stretch]] = {}
    for absence in session.scalars(select(Absence).where(Absence.ends_at > since)):
        away.setdefault(absence.worker_id, []).append(Stretch(absence.starts_at, absence.ends_at))
    return shifts, away


def _on_day(shifts: Sequence[Shift], away: dict[int, list[Stretch]], day: date) -> list[Duty]:
    off = is_bank_holiday(day)
    return [
        Duty(shift.worker, shift, day, part.starts, part.ends)
        for shift in shifts
        if (
            shift.on_date == day
            or (shift.weekday == day.weekday() and (shift.bank_holidays or not off))
        )
        for part in without(
            london_stretch(day, shift.starts, shift.ends), away.get(shift.worker_id, [])
        )
    ]
