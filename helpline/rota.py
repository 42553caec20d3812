"""Who is on, who comes next, and the clock time the helpline can keep."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from helpline.clock import LONDON
from helpline.enums import Severity, ShiftCover
from helpline.models import Shift, Worker

DAYS_AHEAD = 28  # over Christmas a weekly shift may be off two weeks running
ROUND_TO = timedelta(minutes=5)
LEAST_NOTICE = timedelta(minutes=15)  # a shift with less than this left promises nothing new


@dataclass(frozen=True)
class Promise:
    """A named worker and the time by which they will have read the conversation."""

    worker_id: int | None
    worker_name: str
    by: datetime
    staffed_now: bool


@dataclass(frozen=True)
class _Duty:
    worker: Worker
    starts: datetime
    ends: datetime
    cover: ShiftCover


@cache
def _bank_holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv="ENG")


def promise(
    session: Session,
    *,
    severity: Severity,
    prison: str | None,
    at: datetime,
    response: timedelta,
    nobody: str,
) -> Promise:
    """Return who will come and by when, for something noticed `at` an aware time.

    A shift that takes everything serves any severity; an on-call shift serves immediate only. Of
    those on duty, the worker for this prison comes first, then anyone on shift, then the duty lead.
    The time is `at` (or the start of the next shift) plus `response`, rounded up to five minutes,
    and never after that shift ends. With no shift in the next four weeks it falls to the duty lead,
    and with no duty lead to `nobody`, the words for a person who has no name yet.
    """
    best: tuple[tuple[datetime, int, int], Promise] | None = None
    for duty in _duties(session, at):
        if duty.cover is ShiftCover.IMMEDIATE and severity is not Severity.IMMEDIATE:
            continue
        begins = max(at, duty.starts)
        if duty.ends - begins < LEAST_NOTICE:
            continue
        by = min(_round_up(begins + response), duty.ends)
        rank = (begins, _distance(duty.worker, prison), duty.worker.id)
        if best is None or rank < best[0]:
            best = (
                rank,
                Promise(duty.worker.id, duty.worker.name, by, staffed_now=duty.starts <= at),
            )
    if best is not None:
        return best[1]
    lead = session.scalar(
        select(Worker).where(Worker.active, Worker.duty_lead).order_by(Worker.id).limit(1)
    )
    by = _round_up(at + response)
    if lead is None:
        return Promise(None, nobody, by, staffed_now=False)
    return Promise(lead.id, lead.name, by, staffed_now=False)


def _distance(worker: Worker, prison: str | None) -> int:
    if prison is not None and prison in worker.prisons:
        return 0
    return 2 if worker.duty_lead else 1


def _round_up(moment: datetime) -> datetime:
    over = (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % ROUND_TO
    return moment + (ROUND_TO - over) if over else moment


def _duties(session: Session, at: datetime) -> Iterator[_Duty]:
    """Yield every stretch of duty from yesterday (a night may still run) for four weeks."""
    shifts = session.scalars(
        select(Shift).join(Shift.worker).where(Worker.active).options(joinedload(Shift.worker))
    ).all()
    today = at.astimezone(LONDON).date()
    for offset in range(-1, DAYS_AHEAD):
        day = today + timedelta(days=offset)
        for shift in shifts:
            if shift.weekday == day.weekday() and (shift.bank_holidays or not _is_holiday(day)):
                yield _duty(shift, day)


def _is_holiday(day: date) -> bool:
    return day in _bank_holidays()


def _duty(shift: Shift, day: date) -> _Duty:
    last = day if shift.ends > shift.starts else day + timedelta(days=1)
    return _Duty(
        worker=shift.worker,
        # In UTC, so that adding minutes on the night the clocks change adds real minutes.
        starts=datetime.combine(day, shift.starts, LONDON).astimezone(UTC),
        ends=datetime.combine(last, shift.ends, LONDON).astimezone(UTC),
        cover=shift.cover,
    )
