"""The rota at the desk: a week, gaps in red, cover, absences, and confirming one's own shifts."""

import time_machine
from sqlalchemy import select

from helpline.models import Absence, Shift, ShiftConfirmation, Worker

# A Monday at ten in London, far from a bank holiday.
MONDAY = "2026-11-23T10:00:00Z"


def worker_id(session, name):
    """Return the id of a practice worker."""
    return session.scalar(select(Worker.id).where(Worker.name.startswith(name)))


def sick(lead, session, name="Priya", day="2026-11-24"):
    """Write down that somebody is away all of a day."""
    return lead.press("/desk/rota/absence", worker=worker_id(session, name), first=day, last=day)


@time_machine.travel(MONDAY)
def test_who_is_on_now_and_the_week_are_shown(practice):
    """Names and London times, today marked."""
    page = practice("Tom").open("/desk/rota")

    assert "Priya (practice worker), until 2:30 pm" in page.text
    assert "No gaps in the coming two weeks." in page.text
    assert page.texts(".//li[@class='today']/h3") == ["Mon 23 Nov, today"]


@time_machine.travel(MONDAY)
def test_an_absence_opens_a_gap_and_a_colleague_fills_it(practice, session):
    """Red at once, and gone when somebody covers it: for that day only."""
    lead, tom = practice("Rhian"), practice("Tom")
    page = sick(lead, session)
    assert "Nobody 9:00 am to 2:30 pm" in page.text
    assert "1 gap in the coming two weeks" in page.text

    form = tom.open("/desk/rota").hidden("/desk/rota/cover")
    page = tom.press("/desk/rota/cover", at="/desk/rota", **form)
    assert "No gaps in the coming two weeks." in page.text
    shift = session.scalar(select(Shift).where(Shift.on_date.is_not(None)))
    assert shift.worker_id == worker_id(session, "Tom")
    assert (shift.starts.hour, shift.ends.hour) == (9, 14)
    lead.press(f"/desk/rota/shift/{shift.id}/remove")
    assert "1 gap" in lead.open("/desk/rota").text


@time_machine.travel(MONDAY)
def test_who_is_there_after_all_closes_the_gap(practice, session):
    """Taking an absence back."""
    lead = practice("Rhian")
    sick(lead, session)
    absence = session.scalar(select(Absence))
    page = lead.press(f"/desk/rota/absence/{absence.id}/remove")

    assert "No gaps" in page.text


@time_machine.travel(MONDAY)
def test_a_worker_speaks_for_themselves_alone(practice, session):
    """A worker's absence is their own, whatever the form says; nobody else's can be taken back."""
    tom, lead = practice("Tom"), practice("Rhian")
    sick(tom, session, "Priya")
    assert session.scalar(select(Absence.worker_id)) == worker_id(session, "Tom")
    sick(lead, session, "Priya", "2026-11-25")
    hers = session.scalar(
        select(Absence.id).where(Absence.worker_id == worker_id(session, "Priya"))
    )

    assert tom.post(f"/desk/rota/absence/{hers}/remove").status_code == 422
    assert tom.post("/desk/rota/shift", worker=1).status_code == 403


@time_machine.travel(MONDAY)
def test_workers_confirm_their_own_shifts(practice, session):
    """One tap, once; a colleague's shift cannot be confirmed for them."""
    tom = practice("Tom")
    form = tom.open("/desk/rota").hidden_first("/desk/rota/confirm")
    for _ in range(2):
        page = tom.press("/desk/rota/confirm", at="/desk/rota", **form)
    theirs = session.scalar(select(Shift.id).where(Shift.worker_id == worker_id(session, "Priya")))

    assert "you will be there" in page.text
    assert len(session.scalars(select(ShiftConfirmation)).all()) == 1
    answer = tom.post("/desk/rota/confirm", shift=theirs, on="2026-11-24")
    assert answer.status_code == 422


@time_machine.travel(MONDAY)
def test_a_lead_adds_shifts_weekly_and_once(practice, session):
    """And is told in place what is missing."""
    lead = practice("Rhian")
    tom = worker_id(session, "Tom")
    hours = {"worker": tom, "starts": "07:00", "ends": "09:00", "cover": "all"}
    page = lead.press("/desk/rota/shift", how="weekly", weekday="3", **hours)
    assert "Tom (practice worker): Thursday, 07:00 to 09:00" in page.text
    page = lead.press("/desk/rota/shift", how="once", date="2026-11-26", **hours)
    assert page.text.count("7:00 am to 9:00 am") >= 2
    page = lead.press("/desk/rota/shift", status=422, how="once", **hours)
    assert "a date is missing" in page.text
    assert lead.post("/desk/rota/shift", how="weekly", **{**hours, "cover": "?"}).status_code == 422


@time_machine.travel(MONDAY)
def test_a_gap_over_midnight_becomes_a_shift_for_each_day(practice, session):
    """Nobody on call for a night: filled whole."""
    lead = practice("Rhian")
    for day in ("2026-11-25", "2026-11-26"):
        sick(lead, session, "Rhian", day)
    tom = worker_id(session, "Tom")
    night = {"starts": "2026-11-25T20:00:00+00:00", "ends": "2026-11-26T09:00:00+00:00"}
    assert "Nobody on call 8:00 pm to 9:00 am" in lead.open("/desk/rota").text
    page = lead.press("/desk/rota/cover", worker=tom, cover="immediate", **night)

    assert "Nobody on call 8:00 pm to 9:00 am" not in page.text
    once = select(Shift.starts, Shift.ends).where(Shift.on_date.is_not(None)).order_by(Shift.id)
    shifts = session.execute(once).all()
    assert [(a.hour, b.hour) for a, b in shifts] == [(20, 0), (0, 9)]


def test_a_week_far_away_or_no_week_is_this_one(practice):
    """An address typed by hand breaks nothing."""
    staff = practice("Tom")

    for week in ("1066-10-14", "9999-01-01", "soon"):
        assert staff.open(f"/desk/rota?week={week}").heading == "Rota"
