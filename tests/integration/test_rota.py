"""Who is promised, and for when."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from helpline import rota
from helpline.enums import Severity, ShiftCover
from helpline.models import Shift, Worker


@pytest.fixture
def add_worker(session: Session):
    """An empty rota, and a way to put someone on it."""
    session.execute(delete(Shift))
    session.execute(delete(Worker))

    def add(name: str, *shifts: Shift, prisons: list[str] | None = None, lead: bool = False):
        worker = Worker(name=name, prisons=prisons or [], duty_lead=lead)
        session.add(worker)
        for shift in shifts:
            shift.worker = worker
            session.add(shift)
        session.flush()
        return worker

    return add


def hours(weekday: int, starts: str, ends: str, **more) -> Shift:
    """A weekly shift; Monday is 0."""
    return Shift(
        weekday=weekday,
        starts=time.fromisoformat(starts),
        ends=time.fromisoformat(ends),
        **{"cover": ShiftCover.ALL, "bank_holidays": False, **more},
    )


def promised(session: Session, at: datetime, severity=Severity.URGENT, prison=None, minutes=60):
    """Ask the rota as the service does."""
    return rota.promise(
        session,
        severity=severity,
        prison=prison,
        at=at,
        response=timedelta(minutes=minutes),
        nobody="the duty lead",
    )


MONDAY = datetime(2026, 11, 23, 10, 2, tzinfo=UTC)


def test_in_hours_the_time_is_soon_and_rounded(session, add_worker) -> None:
    """At 10:02 with an hour to respond, the promise is 11:05, on the five minutes."""
    add_worker("Ann", hours(0, "09:00", "17:00"))

    promise = promised(session, MONDAY)

    assert (promise.worker_name, promise.staffed_now) == ("Ann", True)
    assert promise.by == datetime(2026, 11, 23, 11, 5, tzinfo=UTC)


def test_out_of_hours_the_next_shift_is_promised(session, add_worker) -> None:
    """At 2 am the promise is an hour into the morning shift."""
    add_worker("Ann", hours(0, "09:00", "17:00"))

    promise = promised(session, datetime(2026, 11, 23, 2, 0, tzinfo=UTC))

    assert not promise.staffed_now
    assert promise.by == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_no_time_after_the_shift_ends(session, add_worker) -> None:
    """Forty minutes before the end an hour cannot be promised: the end of the shift is."""
    add_worker("Ann", hours(0, "09:00", "10:40"))

    assert promised(session, MONDAY).by == datetime(2026, 11, 23, 10, 40, tzinfo=UTC)


def test_the_last_minutes_of_a_shift_promise_nothing_new(session, add_worker) -> None:
    """With five minutes left the next shift is promised instead."""
    add_worker("Ann", hours(0, "09:00", "10:07"))
    add_worker("Ben", hours(0, "12:00", "17:00"))

    assert promised(session, MONDAY).worker_name == "Ben"


def test_the_worker_for_the_prison_comes_first(session, add_worker) -> None:
    """Of two on duty, the one who looks after this prison; the duty lead last."""
    add_worker("Lead", hours(0, "09:00", "17:00"), lead=True)
    add_worker("Ann", hours(0, "09:00", "17:00"))
    add_worker("Ben", hours(0, "09:00", "17:00"), prisons=["wandsworth"])

    assert promised(session, MONDAY, prison="wandsworth").worker_name == "Ben"
    assert promised(session, MONDAY, prison="leeds").worker_name == "Ann"


def test_on_call_serves_danger_to_life_only(session, add_worker) -> None:
    """At night the on-call worker is named for an immediate concern, not for an urgent one."""
    add_worker("Night", hours(6, "20:00", "09:00", cover=ShiftCover.IMMEDIATE))
    add_worker("Ann", hours(0, "09:00", "17:00"))
    night = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    assert promised(session, night, Severity.IMMEDIATE, minutes=15).worker_name == "Night"
    assert promised(session, night, Severity.URGENT).worker_name == "Ann"


def test_bank_holidays_are_off_unless_said(session, add_worker) -> None:
    """Christmas Day 2026 is a Friday: the Friday worker comes back after it, the other works."""
    add_worker("Ann", hours(4, "09:00", "17:00"))
    christmas = datetime(2026, 12, 25, 10, 0, tzinfo=UTC)
    assert promised(session, christmas).by > christmas + timedelta(days=1)

    add_worker("Ben", hours(4, "09:00", "17:00", bank_holidays=True))
    assert promised(session, christmas).worker_name == "Ben"


def test_the_night_the_clocks_go_back(session, add_worker) -> None:
    """On 25 October 2026 the hour from 1 to 2 comes twice: an hour is still sixty minutes."""
    add_worker("Night", hours(5, "20:00", "09:00"))
    before = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 1:30 am, summer time

    assert promised(session, before).by - before == timedelta(minutes=60)


def test_nobody_on_the_rota_falls_to_the_duty_lead(session, add_worker) -> None:
    """No shift for a fortnight: the duty lead by name; with none, the words for one."""
    assert promised(session, MONDAY).worker_name == "the duty lead"

    add_worker("Lead", lead=True)
    assert promised(session, MONDAY).worker_name == "Lead"


def test_a_worker_who_left_is_never_promised(session, add_worker) -> None:
    """Switched-off workers keep their rows and lose their promises."""
    ann = add_worker("Ann", hours(0, "09:00", "17:00"))
    ann.active = False
    session.flush()

    assert promised(session, MONDAY).worker_name == "the duty lead"
