"""Changing the rota: shifts weekly and once, absences, cover for a gap, confirming one's own.

Times come and go as London's clock says them; each change is in the trail.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from helpline import audit
from helpline.clock import LONDON, utcnow
from helpline.enums import ShiftCover
from helpline.errors import Conflict, NotFound
from helpline.models import Absence, Shift, ShiftConfirmation, Worker

LONGEST_ABSENCE = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Hours:
    """When a shift is: every week on `weekday` (Monday is 0) or once on `on_date`, London time."""

    starts: time
    ends: time
    cover: ShiftCover
    weekday: int | None = None
    on_date: date | None = None
    bank_holidays: bool = False


def add_shift(session: Session, worker_id: int, hours: Hours, actor: str) -> Shift:
    """Add a shift. ValueError unless it is weekly or once, NotFound for an unknown worker."""
    weekly = hours.weekday is not None
    if weekly == (hours.on_date is not None) or hours.weekday not in (None, *range(7)):
        raise ValueError("a shift is every week on one day, or once on a date")
    _worker(session, worker_id)
    shift = Shift(worker_id=worker_id, **asdict(hours))
    session.add(shift)
    session.flush()
    _note(session, actor, "shift_added", shift.id, worker_id)
    return shift


def remove_shift(session: Session, shift_id: int, actor: str) -> None:
    """Take a shift off the rota, with the confirmations of it."""
    shift = session.get(Shift, shift_id)
    if shift is None:
        raise NotFound("no such shift")
    worker_id = shift.worker_id
    session.delete(shift)
    session.flush()
    _note(session, actor, "shift_removed", shift_id, worker_id)


def add_absence(
    session: Session, worker_id: int, starts_at: datetime, ends_at: datetime, actor: str
) -> Absence:
    """Write down that a worker is away between two aware times. ValueError for an empty stretch."""
    if not starts_at < ends_at <= starts_at + LONGEST_ABSENCE:
        raise ValueError("an absence ends after it begins, within a year")
    _worker(session, worker_id)
    absence = Absence(worker_id=worker_id, starts_at=starts_at, ends_at=ends_at, added_by=actor)
    session.add(absence)
    session.flush()
    _note(session, actor, "absence_added", absence.id, worker_id)
    return absence


def remove_absence(session: Session, absence_id: int, actor: str) -> None:
    """Take an absence back: the worker is there after all."""
    absence = session.get(Absence, absence_id)
    if absence is None:
        raise NotFound("no such absence")
    worker_id = absence.worker_id
    session.delete(absence)
    session.flush()
    _note(session, actor, "absence_removed", absence_id, worker_id)


def fill_gap(
    session: Session,
    worker_id: int,
    starts_at: datetime,
    ends_at: datetime,
    cover: ShiftCover,
    actor: str,
) -> list[Shift]:
    """Put a worker on for a stretch nobody covers: one shift for each of London's days in it."""
    if not starts_at < ends_at <= starts_at + timedelta(days=8):
        raise ValueError("a gap ends after it begins, within eight days")
    added = []
    begin = starts_at.astimezone(LONDON)
    last = ends_at.astimezone(LONDON)
    while begin < last:
        midnight = datetime.combine(begin.date() + timedelta(days=1), time(), LONDON)
        end = min(midnight, last)
        hours = Hours(
            on_date=begin.date(),
            starts=begin.timetz().replace(tzinfo=None),
            ends=end.timetz().replace(tzinfo=None),
            cover=cover,
        )
        added.append(add_shift(session, worker_id, hours, actor))
        begin = end
    return added


def confirm(session: Session, shift_id: int, on: date, worker_id: int) -> None:
    """Let a worker say that they will be there for their own shift. Saying it twice is once."""
    shift = session.get(Shift, shift_id)
    if shift is None:
        raise NotFound("no such shift")
    if shift.worker_id != worker_id:
        raise Conflict("that is somebody else's shift")
    session.execute(
        insert(ShiftConfirmation)
        .values(shift_id=shift_id, on_date=on, confirmed_at=utcnow())
        .on_conflict_do_nothing()
    )
    _note(session, f"worker:{worker_id}", "shift_confirmed", shift_id, worker_id)


def confirmed(session: Session, first: date, last: date) -> set[tuple[int, date]]:
    """Return (shift id, date) of every shift confirmed for the days from first to last."""
    rows = session.execute(
        select(ShiftConfirmation.shift_id, ShiftConfirmation.on_date).where(
            ShiftConfirmation.on_date.between(first, last)
        )
    )
    return {(shift_id, on) for shift_id, on in rows}


def london_moment(on: date, at: time) -> datetime:
    """Return the moment London's clock shows `at` on a day, in UTC."""
    return datetime.combine(on, at, LONDON).astimezone(UTC)


def _worker(session: Session, worker_id: int) -> Worker:
    worker = session.get(Worker, worker_id)
    if worker is None or not worker.active:
        raise NotFound("no such worker")
    return worker


def _note(session: Session, actor: str, action: str, row_id: int, worker_id: int) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="rota",
        subject_id=row_id,
        worker_id=worker_id,
    )
