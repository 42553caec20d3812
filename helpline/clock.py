"""The one place the core asks what time it is, and how it says so to a person."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def _machine_time() -> datetime:
    return datetime.now(tz=UTC)


_source: Callable[[], datetime] = _machine_time


def utcnow() -> datetime:
    """Return the current time, aware, in UTC."""
    return _source()


@contextmanager
def running_on(source: Callable[[], datetime]) -> Iterator[None]:
    """Take every time in this process from `source`: the virtual clock of tests and simulations."""
    global _source  # noqa: PLW0603 - one clock a process is the point
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before


def london_date(moment: datetime) -> date:
    """Return the date in London at an aware `moment`."""
    return moment.astimezone(LONDON).date()


def clock_words(moment: datetime, now: datetime) -> str:
    """Say an aware `moment` as families in Britain say it, seen from `now`.

    "2:15 pm today", "9:15 am tomorrow (Monday 23 November)", "10 am on Tuesday 24 November".
    Both are turned into London time first, so clock changes come out right.
    """
    local, today = moment.astimezone(LONDON), now.astimezone(LONDON).date()
    hour = local.hour % 12 or 12
    minutes = f":{local.minute:02d}" if local.minute else ""
    clock = f"{hour}{minutes} {'am' if local.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon
    day = f"{local:%A} {local.day} {local:%B}"
    days_ahead = (local.date() - today).days
    if days_ahead == 0:
        return f"{clock} today"
    if days_ahead == 1:
        return f"{clock} tomorrow ({day})"
    return f"{clock} on {day}"


def short_clock_words(moment: datetime, now: datetime) -> str:
    """Say an aware `moment` as briefly as a text message needs: "10:30am Wed 30 Dec"."""
    local, today = moment.astimezone(LONDON), now.astimezone(LONDON).date()
    hour = local.hour % 12 or 12
    minutes = f":{local.minute:02d}" if local.minute else ""
    clock = f"{hour}{minutes}{'am' if local.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon
    return (
        f"{clock} today" if local.date() == today else f"{clock} {local:%a} {local.day} {local:%b}"
    )
