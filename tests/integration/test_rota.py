"""Who is promised, and for when."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from helpline import opening, rota, staffing
from helpline.enums import Channel, HandoverReason, Severity, ShiftCover, TaskKind
from helpline.models import Absence, Contact, Conversation, Handover, Shift, Task, Worker


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


def promised(
    session: Session, at: datetime, severity=Severity.URGENT, prison=None, minutes=60, **wanted
):
    """Ask the rota as the service does."""
    return rota.promise(
        session,
        rota.Need(severity, prison, **wanted),
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


def test_region_comes_after_prison_and_before_anyone(session, add_worker) -> None:
    """Of three on duty: who looks after the prison, then its region, then anyone; lead last."""
    add_worker("Lead", hours(0, "09:00", "17:00"), lead=True)
    add_worker("Ann", hours(0, "09:00", "17:00"))
    add_worker("Ben", hours(0, "09:00", "17:00")).regions = ["London"]
    add_worker("Cat", hours(0, "09:00", "17:00"), prisons=["wandsworth"])
    session.flush()

    def order(**wanted) -> list[str]:
        need = rota.Need(Severity.URGENT, **wanted)
        return [worker.name for worker in rota.on_duty(session, need, MONDAY)]

    assert order(prison="wandsworth", region="London") == ["Cat", "Ben", "Ann", "Lead"]
    assert order(prison="brixton", region="London") == ["Ben", "Ann", "Cat", "Lead"]
    assert order()[-1] == "Lead"
    assert promised(session, MONDAY, prison="brixton", region="London").worker_name == "Ben"


def test_among_equals_the_language_then_the_lighter_load(session, add_worker) -> None:
    """Two who look after no prison: the one who speaks Welsh; else the one with less to do."""
    ann = add_worker("Ann", hours(0, "09:00", "17:00"))
    ben = add_worker("Ben", hours(0, "09:00", "17:00"))
    ben.languages = ["en", "cy"]
    session.flush()
    assert promised(session, MONDAY, language="cy").worker_name == "Ben"
    assert promised(session, MONDAY).worker_name == "Ann"

    contact = Contact(channel=Channel.WEB)
    conversation = Conversation(contact=contact, channel=Channel.WEB)
    session.add_all([contact, conversation])
    session.flush()
    session.add(
        Handover(
            conversation_id=conversation.id,
            reason=HandoverReason.CONCERN,
            severity=Severity.URGENT,
            worker_id=ann.id,
            worker_name="Ann",
            promised_at=MONDAY,
            staffed=True,
        )
    )
    session.flush()
    assert promised(session, MONDAY).worker_name == "Ben"


def test_a_shift_for_one_date(session, add_worker) -> None:
    """Christmas Day has its own shift; the same weekday a week later has none."""
    once = Shift(on_date=date(2026, 12, 25), starts=time(10), ends=time(14))
    add_worker("Ann", once)

    christmas = promised(session, datetime(2026, 12, 25, 9, 0, tzinfo=UTC))
    assert (christmas.worker_name, christmas.by.hour) == ("Ann", 11)
    assert promised(session, datetime(2026, 12, 26, 9, 0, tzinfo=UTC)).worker_id is None


def test_who_is_away_is_not_promised(session, add_worker) -> None:
    """Sick from noon: the morning stands, the afternoon is somebody else's, the rest of it cut."""
    ann = add_worker("Ann", hours(0, "09:00", "17:00"))
    add_worker("Ben", hours(1, "09:00", "17:00"))
    noon, night = MONDAY.replace(hour=12, minute=0), MONDAY.replace(hour=23)
    session.add(Absence(worker=ann, starts_at=noon, ends_at=night, added_by="worker:1"))
    session.flush()

    assert promised(session, MONDAY).worker_name == "Ann"
    assert promised(session, MONDAY.replace(hour=11, minute=30)).by == noon
    assert promised(session, noon).worker_name == "Ben"
    assert rota.on_duty(session, rota.Need(Severity.URGENT), noon) == []


def test_the_duty_lead_who_is_away_is_named_last(session, add_worker) -> None:
    """Two leads: the one who is not on leave; with both away still one of them, never nobody."""
    one, two = add_worker("One", lead=True), add_worker("Two", lead=True)
    day = timedelta(days=1)
    for lead in (one, two):
        session.add(
            Absence(worker=lead, starts_at=MONDAY - day, ends_at=MONDAY + day, added_by="worker:1")
        )
        session.flush()
        assert rota.duty_leads(session, MONDAY)[0] is (two if lead is one else one)


def test_with_no_rota_the_time_is_still_within_the_hours_kept(session, add_worker, service) -> None:
    """At 2 am nobody is on the rota: the lead is promised for after nine, not for 3 am."""
    add_worker("Lead", lead=True)
    night = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    promise = rota.promise(
        session,
        rota.Need(Severity.URGENT),
        at=night,
        response=timedelta(minutes=60),
        nobody="the duty lead",
        hours=service.hours,
    )

    assert (promise.worker_name, promise.by.hour) == ("Lead", 10)


def test_gaps_are_measured_against_the_hours_kept(session, add_worker, service) -> None:
    """Monday is staffed until 5 pm: three hours are missing, and the night for danger to life."""
    add_worker("Ann", hours(0, "09:00", "17:00"))
    start = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    found = rota.gaps(session, service.hours, start, start + timedelta(days=1))

    assert [(gap.cover, gap.starts.hour, gap.ends.hour) for gap in found] == [
        (ShiftCover.IMMEDIATE, 0, 9),
        (ShiftCover.ALL, 17, 20),
        (ShiftCover.IMMEDIATE, 17, 0),
    ]
    add_worker("Ben", hours(0, "16:00", "21:00"))
    add_worker("Night", hours(0, "00:00", "00:00", cover=ShiftCover.IMMEDIATE))
    assert rota.gaps(session, service.hours, start, start + timedelta(days=1)) == []


def test_a_gap_is_a_task_before_it_opens(session, add_worker, service) -> None:
    """However often it is looked at, one task for each gap, due when the gap begins."""
    add_worker("Ann", *(hours(day, "00:00", "00:00", bank_holidays=True) for day in range(7)))
    ann = session.scalar(select(Worker))
    away = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
    session.add(
        Absence(worker=ann, starts_at=away, ends_at=away + timedelta(hours=2), added_by="worker:1")
    )
    session.flush()

    for hour in range(3):
        staffing.warn_of_gaps(session, service, MONDAY + timedelta(hours=hour))
    opened = session.scalars(select(Task).where(Task.kind == TaskKind.ROTA_GAP)).all()
    assert sorted(task.details["cover"] for task in opened) == ["all", "immediate"]
    assert {task.due_at for task in opened} == {away}


def test_the_list_of_bank_holidays_is_checked_before_it_ends(session, add_worker, service) -> None:
    """Ninety days before the date in rota/hours.yml a task asks for it, once."""
    checked = datetime.combine(service.hours.bank_holidays_checked_until, time(12), UTC)
    for early, tasks in ((91, 0), (89, 1), (88, 1)):
        staffing.warn_of_gaps(session, service, checked - timedelta(days=early))
        asked = select(func.count()).where(Task.kind == TaskKind.CHECK_HOLIDAYS)
        assert session.scalar(asked) == tasks


@pytest.mark.parametrize(
    ("year", "days"),
    [  # https://www.gov.uk/bank-holidays, England and Wales
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
    ],
)
def test_bank_holidays_are_those_of_england_and_wales(year: int, days: str) -> None:
    """On weekdays, the library says what gov.uk says, for as long as we claim to have looked."""
    first = date(year, 1, 1)
    weekdays = [
        day
        for day in (first + timedelta(days=n) for n in range(365))
        if opening.is_bank_holiday(day) and day.weekday() < 5
    ]
    assert [f"{day:%m-%d}" for day in weekdays] == days.split()


def test_a_night_on_call_is_one_stretch(session, add_worker) -> None:
    """At ten to midnight the same worker is there for danger, today and tomorrow: in 15 minutes."""
    always = [hours(day, "00:00", "00:00", cover=ShiftCover.IMMEDIATE) for day in range(7)]
    add_worker("Lee", *always)
    late = datetime(2026, 11, 23, 23, 50, tzinfo=UTC)
    promise = promised(session, late, Severity.IMMEDIATE, minutes=15)

    assert promise.staffed_now
    assert promise.by == late + timedelta(minutes=15)


def test_between_two_shifts_somebody_is_there(session, add_worker) -> None:
    """Ten minutes before Ann goes Ben is promised, and nobody says that the line is closed."""
    add_worker("Ann", hours(0, "09:00", "14:30"))
    add_worker("Ben", hours(0, "14:30", "20:00"))
    promise = promised(session, MONDAY.replace(hour=14, minute=20))

    assert (promise.worker_name, promise.staffed_now) == ("Ben", True)
