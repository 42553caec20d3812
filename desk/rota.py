"""The rota: a week at a time, gaps ahead in red, who is on now; each confirms their own shifts."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from desk.access import actor, me
from desk.blueprint import bp
from desk.context import service
from desk.viewer import viewer
from desk.words import clock, day_and_clock
from helpline import proof_rings, workers
from helpline import rota as plan
from helpline import rota_changes as changes
from helpline.addresses import read_spoken_number
from helpline.clock import london_date, utcnow
from helpline.db import transaction
from helpline.enums import ShiftCover
from helpline.errors import Conflict
from helpline.models import Absence, Shift, Worker
from helpline.rota import Duty, Gap

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COVERS = {
    ShiftCover.ALL: "everything",
    ShiftCover.IMMEDIATE: "on call, for danger to life only",
}
AHEAD = timedelta(days=14)
OWN_AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class DutyView:
    """One stretch of duty, or a gap, on one day."""

    who: str
    starts: datetime
    ends: datetime
    on_call: bool
    gap: bool
    mine: bool
    confirmed: bool
    shift_id: int
    on: date | None
    once: bool
    cover: str


@bp.get("/rota")
def rota() -> ResponseReturnValue:
    """Show a week."""
    return _page()


@bp.post("/rota/shift")
def shift_post() -> ResponseReturnValue:
    """Add a shift, every week or once."""
    form = request.form

    def add(session: Session) -> None:
        weekly = form.get("how") == "weekly"
        hours = changes.Hours(
            starts=_time("starts"),
            ends=_time("ends"),
            cover=ShiftCover(form.get("cover", "")),
            weekday=_number(form.get("weekday")) if weekly else None,
            on_date=None if weekly else _date("date"),
            bank_holidays=form.get("bank_holidays") == "yes",
        )
        changes.add_shift(session, _number(form.get("worker")), hours, actor())

    return _do(add)


@bp.post("/rota/shift/<int:shift_id>/remove")
def shift_remove_post(shift_id: int) -> ResponseReturnValue:
    """Take a shift off the rota."""
    return _do(lambda session: changes.remove_shift(session, shift_id, actor()))


@bp.post("/rota/absence")
def absence_post() -> ResponseReturnValue:
    """Write down that someone is away: oneself, or as a lead anyone."""

    def add(session: Session) -> None:
        wanted = _number(request.form.get("worker"))
        own = me(session).id
        changes.add_absence(
            session,
            wanted if viewer().is_lead and wanted else own,
            changes.london_moment(_date("first"), _time("from", time())),
            _until(),
            actor(),
        )

    return _do(add)


@bp.post("/rota/absence/<int:absence_id>/remove")
def absence_remove_post(absence_id: int) -> ResponseReturnValue:
    """Take an absence back."""

    def take_back(session: Session) -> None:
        absence = session.get(Absence, absence_id)
        if absence is not None and absence.worker_id != viewer().worker_id and not viewer().is_lead:
            raise Conflict("that is somebody else's absence")
        changes.remove_absence(session, absence_id, actor())

    return _do(take_back)


@bp.post("/rota/cover")
def cover_post() -> ResponseReturnValue:
    """Fill a gap: with oneself, or as a lead with anyone."""

    def fill(session: Session) -> None:
        form = request.form
        wanted = _number(form.get("worker"))
        changes.fill_gap(
            session,
            wanted if viewer().is_lead and wanted else me(session).id,
            _moment(form.get("starts")),
            _moment(form.get("ends")),
            ShiftCover(form.get("cover", "")),
            actor(),
        )

    return _do(fill)


@bp.post("/rota/confirm")
def confirm_post() -> ResponseReturnValue:
    """Say that one will be there."""

    def say(session: Session) -> None:
        shift_id = _number(request.form.get("shift"))
        changes.confirm(session, shift_id, _date("on"), me(session).id)

    return _do(say)


@bp.post("/rota/phone")
def phone_post() -> ResponseReturnValue:
    """Keep the number a worker is alerted on: one's own, or as a lead anyone's."""

    def keep(session: Session) -> None:
        worker = _theirs(session)
        address = read_spoken_number(request.form.get("number", ""))
        if not address.can_be_rung:
            raise ValueError("that is no number in the UK that can be rung")
        workers.set_phone(session, service().book, worker, address.number, actor())

    return _do(keep)


@bp.post("/rota/proof")
def proof_post() -> ResponseReturnValue:
    """Ring a worker's phone to prove that it works: one's own, or as a lead anyone's."""
    return _do(lambda session: proof_rings.ask(session, service(), _theirs(session), actor()))


def _theirs(session: Session) -> Worker:
    wanted = _number(request.form.get("worker"))
    if viewer().is_lead and wanted:
        return workers.get_worker(session, wanted)
    return me(session)


def _phones(session: Session) -> list[tuple[Worker, str, str]]:
    """Return whose phones this viewer may see and test, each with its last digits and proof."""
    found = select(Worker).where(Worker.active).order_by(Worker.name)
    if not viewer().is_lead:
        found = found.where(Worker.id == viewer().worker_id)
    people = session.scalars(found).all()
    rings = proof_rings.newest(session, [worker.id for worker in people])
    rows = []
    for worker in people:
        number = workers.phone_of(service().book, worker)
        ring = rings.get(worker.id)
        if ring is None:
            said = "never tested"
        elif ring.proved_at is not None:
            said = f"proved {day_and_clock(ring.proved_at)}"
        elif ring.failed_at is not None:
            said = f"NOT reached {day_and_clock(ring.failed_at)}"
        else:
            said = f"being rung since {clock(ring.asked_at)}"
        rows.append((worker, number[-3:] if number else "", said))
    return rows


def _do(act) -> Response:  # noqa: ANN001 - a Session to nothing
    try:
        with transaction() as session:
            act(session)
    except (ValueError, Conflict) as reason:
        return _page(problem=f"Not done: {reason}.", status=422)
    week = request.form.get("week") or None
    return make_response(redirect(url_for("desk.rota", week=week), 303))


def _page(*, problem: str = "", status: int = 200) -> Response:
    now = utcnow()
    today = london_date(now)
    monday = _monday(request.values.get("week"), today)
    starts = changes.london_moment(monday, time())
    ends = changes.london_moment(monday + timedelta(days=7), time())
    with transaction() as session:
        duties = plan.list_duties(session, starts, ends)
        gaps = plan.gaps(session, service().hours, max(starts, now), ends) if ends > now else []
        first, last = min(monday, today), max(monday, today)
        said = changes.confirmed(session, first - timedelta(days=1), last + AHEAD)
        coming = plan.list_duties(session, now, now + OWN_AHEAD)
        mine = [_duty_view(d, said) for d in coming if d.worker.id == viewer().worker_id]
        gaps_ahead = plan.gaps(session, service().hours, now, now + AHEAD)
        page = render_template(
            "desk/rota.html",
            problem=problem,
            monday=monday,
            before=monday - timedelta(days=7),
            after=monday + timedelta(days=7),
            today=today,
            days=_days(monday, duties, gaps, said),
            on_now=_on_now(session, now),
            mine=mine,
            to_confirm=sum(not duty.confirmed for duty in mine),
            gaps_ahead=len(gaps_ahead),
            workers=session.scalars(
                select(Worker).where(Worker.active).order_by(Worker.name)
            ).all(),
            weekly=_weekly(session),
            absences=session.scalars(
                select(Absence)
                .where(Absence.ends_at > now)
                .options(joinedload(Absence.worker))
                .order_by(Absence.starts_at)
            ).all(),
            phones=_phones(session),
            weekdays=WEEKDAYS,
            covers=COVERS,
        )
    return make_response(page, status)


def _days(
    monday: date, duties: list[Duty], gaps: list[Gap], said: set[tuple[int, date]]
) -> list[tuple[date, list[DutyView]]]:
    shown = [_duty_view(duty, said) for duty in duties] + [_gap_view(gap) for gap in gaps]
    days = []
    for offset in range(7):
        day = monday + timedelta(days=offset)
        first = changes.london_moment(day, time())
        last = changes.london_moment(day + timedelta(days=1), time())
        here = [view for view in shown if view.starts < last and view.ends > first]
        days.append((day, sorted(here, key=lambda view: (view.starts, view.who))))
    return days


def _duty_view(duty: Duty, said: set[tuple[int, date]]) -> DutyView:
    return DutyView(
        who=duty.worker.name,
        starts=duty.starts,
        ends=duty.ends,
        on_call=duty.shift.cover is ShiftCover.IMMEDIATE,
        gap=False,
        mine=duty.worker.id == viewer().worker_id,
        confirmed=(duty.shift.id, duty.on) in said,
        shift_id=duty.shift.id,
        on=duty.on,
        once=duty.shift.on_date is not None,
        cover=duty.shift.cover.value,
    )


def _gap_view(gap: Gap) -> DutyView:
    return DutyView(
        who="Nobody" if gap.cover is ShiftCover.ALL else "Nobody on call",
        starts=gap.starts,
        ends=gap.ends,
        on_call=gap.cover is ShiftCover.IMMEDIATE,
        gap=True,
        mine=False,
        confirmed=False,
        shift_id=0,
        on=None,
        once=False,
        cover=gap.cover.value,
    )


def _on_now(session: Session, now: datetime) -> list[str]:
    duties = plan.list_duties(session, now, now + timedelta(seconds=1))
    return [
        f"{duty.worker.name}, until {clock(duty.ends)}"
        + (" (on call)" if duty.shift.cover is ShiftCover.IMMEDIATE else "")
        for duty in duties
    ]


def _weekly(session: Session) -> list[Shift]:
    return list(
        session.scalars(
            select(Shift)
            .join(Shift.worker)
            .where(Worker.active, Shift.weekday.is_not(None))
            .options(joinedload(Shift.worker))
            .order_by(Worker.name, Shift.weekday, Shift.starts)
        )
    )


def _monday(given: str | None, today: date) -> date:
    try:
        day = date.fromisoformat(given or "")
    except ValueError:
        day = today
    if abs((day - today).days) > 370:  # noqa: PLR2004 - a year either way
        day = today
    return day - timedelta(days=day.weekday())


def _number(text: str | None) -> int:
    digits = text or ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0  # noqa: PLR2004


def _date(field: str) -> date:
    try:
        return date.fromisoformat(request.form.get(field, ""))
    except ValueError:
        raise ValueError("a date is missing") from None


def _until() -> datetime:
    """Return the end of an absence: the time given, or midnight after its last day."""
    last, until = _date("last"), request.form.get("until", "")
    if until:
        return changes.london_moment(last, _time("until"))
    return changes.london_moment(last + timedelta(days=1), time())


def _time(field: str, default: time | None = None) -> time:
    text = request.form.get(field, "")
    if not text and default is not None:
        return default
    try:
        return time.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError:
        raise ValueError("a time is missing") from None


def _moment(text: str | None) -> datetime:
    moment = datetime.fromisoformat(text or "")
    if moment.tzinfo is None:
        raise ValueError("that is no moment")
    return moment
