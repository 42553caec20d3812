"""Every hour of a year, bank holidays and clock changes included: no time when nobody is there."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import delete

from helpline import rota
from helpline.clock import LONDON, clock_words, short_clock_words
from helpline.enums import Severity
from helpline.models import Shift, Worker
from helpline.opening import is_bank_holiday
from helpline.practice_rota import load_practice_rota

YEAR = 2027
HOUR = timedelta(hours=1)
# The practice rota in plain numbers, apart from the code that reads it.
WORKDAY, WEEKEND = (time(9), time(20)), (time(10), time(15))


@pytest.fixture
def ask(session, settings, monkeypatch):
    """The practice rota, read from the database once and asked many times."""
    session.execute(delete(Shift))
    session.execute(delete(Worker))
    load_practice_rota(session, settings.guide_folder / "rota" / "practice.yml")
    shifts, _away = rota._shifts(session, datetime(YEAR, 1, 1, tzinfo=UTC))  # noqa: SLF001 - once
    monkeypatch.setattr(rota, "_shifts", lambda *_args: (shifts, {}))
    monkeypatch.setattr(rota, "_open_work", lambda *_args: {})

    def promise(severity: Severity, at: datetime, minutes: int) -> rota.Promise:
        return rota.promise(
            session,
            rota.Need(severity),
            at=at,
            response=timedelta(minutes=minutes),
            nobody="nobody",
        )

    return promise


def is_staffed(moment: datetime) -> bool:
    """Whether somebody takes everything at this London time; the last minute counts."""
    local = moment.astimezone(LONDON)
    weekend = local.weekday() >= 5
    if is_bank_holiday(local.date()) and not weekend:
        return False
    opens, closes = WEEKEND if weekend else WORKDAY
    return opens <= local.time() <= closes


def test_an_urgent_promise_is_for_a_staffed_time_at_every_hour(ask) -> None:
    """8,760 hours: a name, a time to come, somebody there then, and closed said when it is."""
    at = datetime(YEAR, 1, 1, 0, 7, tzinfo=UTC)
    while at.year == YEAR:
        promise = ask(Severity.URGENT, at, 60)
        assert promise.worker_id is not None, at
        assert promise.by > at, at
        assert is_staffed(promise.by), (at, promise.by)
        assert promise.staffed_now == is_staffed(at), at
        assert promise.by.minute % 5 == 0, at
        at += HOUR


@pytest.mark.parametrize("day", [date(YEAR, 3, 28), date(YEAR, 10, 31), date(YEAR, 12, 25)])
def test_danger_to_life_is_promised_within_the_quarter_of_an_hour(ask, day) -> None:
    """On the nights the clocks change and on Christmas Day, every ten minutes of the day."""
    at = datetime.combine(day, time(), LONDON).astimezone(UTC)
    for _step in range(25 * 6):
        promise = ask(Severity.IMMEDIATE, at, 15)
        assert promise.staffed_now, at
        assert timedelta(minutes=15) <= promise.by - at < timedelta(minutes=20), at
        at += timedelta(minutes=10)


def test_the_words_of_a_time_are_london_time() -> None:
    """The hour after the clocks go back is said as a clock on the wall says it."""
    before = datetime(YEAR, 10, 31, 0, 30, tzinfo=UTC)  # 1:30 am, summer time
    after = datetime(YEAR, 10, 31, 9, 30, tzinfo=UTC)

    assert clock_words(after, before) == "9:30 am today"
    assert short_clock_words(after, before) == "9:30am today"
    assert short_clock_words(after + timedelta(days=1), before) == "9:30am Mon 1 Nov"
    assert short_clock_words(after.replace(hour=14, minute=0), before) == "2pm today"
