"""How the desk says times: London's clock, as people speak, as short as a phone needs."""

from datetime import date, datetime, timedelta

from helpline.clock import LONDON, utcnow

NOON = 12


def clock(moment: datetime) -> str:
    """Say a time: "2:15 pm"."""
    local = moment.astimezone(LONDON)
    return f"{local.hour % NOON or NOON}:{local.minute:02d} {'am' if local.hour < NOON else 'pm'}"


def day(moment: datetime | date) -> str:
    """Say a day: "Sun 22 Nov"."""
    local = moment.astimezone(LONDON) if isinstance(moment, datetime) else moment
    return f"{local:%a} {local.day} {local:%b}"


def day_and_clock(moment: datetime) -> str:
    """Say a time, with its day unless that is today."""
    today = utcnow().astimezone(LONDON).date()
    if moment.astimezone(LONDON).date() == today:
        return clock(moment)
    return f"{clock(moment)}, {day(moment)}"


def hours(starts: datetime, ends: datetime) -> str:
    """Say a stretch: "9:00 am to 2:30 pm", "all day"."""
    if clock(starts) == clock(ends) == "12:00 am":
        return "all day" if ends - starts < timedelta(hours=26) else "day and night"
    return f"{clock(starts)} to {clock(ends)}"


def waited(since: datetime, now: datetime | None = None) -> str:
    """Say how long ago something was: "just now", "12 min", "3 h 5 min", "2 days"."""
    gone = (now or utcnow()) - since
    minutes = int(gone.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if gone < timedelta(hours=1):
        return f"{minutes} min"
    if gone < timedelta(days=1):
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return "1 day" if gone < timedelta(days=2) else f"{gone.days} days"
