"""The hours a charity means to have somebody on, and the bank holidays it keeps."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path

import holidays
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from helpline.clock import LONDON
from helpline.errors import GuideError

FILE = Path("rota") / "hours.yml"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Long enough to compare a list and release a newer library.
WARN_BEFORE_HOLIDAYS_END = timedelta(days=90)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Stretch(_Strict):
    days: list[str]
    starts: time
    ends: time
    bank_holidays: bool = False


class OpeningHours(_Strict):
    """What guide_content/rota/hours.yml says."""

    staffed: list[_Stretch]
    on_call_always: bool
    bank_holidays_checked_until: date


@dataclass(frozen=True)
class Stretch:
    """From one aware time to a later one."""

    starts: datetime
    ends: datetime


@lru_cache(maxsize=4)
def read_hours(folder: Path) -> OpeningHours:
    """Return the hours kept under the guide's `folder`.

    Raises GuideError naming file, field and reason when the file is wrong.
    """
    try:
        loaded = yaml.safe_load((folder / FILE).read_text(encoding="utf-8"))
        hours = OpeningHours.model_validate(loaded)
    except ValidationError as error:
        raise GuideError(
            [f"{FILE}: {'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors()]
        ) from error
    wrong = {day for stretch in hours.staffed for day in stretch.days} - set(DAYS)
    if wrong:
        raise GuideError([f"{FILE}: staffed.days: {', '.join(sorted(wrong))} are no days"])
    return hours


def is_bank_holiday(day: date) -> bool:
    """Whether `day` is a bank holiday in England and Wales."""
    return day in _bank_holidays()


def holidays_need_checking(hours: OpeningHours, today: date) -> bool:
    """Whether the bank holidays were compared with gov.uk for less than the next 90 days."""
    return hours.bank_holidays_checked_until - today < WARN_BEFORE_HOLIDAYS_END


def staffed_stretches(hours: OpeningHours, first: date, last: date) -> Iterator[Stretch]:
    """Yield the stretches meant to be staffed that start on the days from first to last."""
    day = first
    while day <= last:
        for stretch in hours.staffed:
            if DAYS[day.weekday()] in stretch.days and (
                stretch.bank_holidays or not is_bank_holiday(day)
            ):
                yield london_stretch(day, stretch.starts, stretch.ends)
        day += timedelta(days=1)


def london_stretch(day: date, starts: time, ends: time) -> Stretch:
    """Return the stretch from `starts` on `day` to `ends`; one that ends by its start is a night.

    In UTC, so that adding minutes on the night the clocks change adds real minutes.
    """
    last = day if ends > starts else day + timedelta(days=1)
    return Stretch(
        datetime.combine(day, starts, LONDON).astimezone(UTC),
        datetime.combine(last, ends, LONDON).astimezone(UTC),
    )


def without(stretch: Stretch, away: list[Stretch]) -> list[Stretch]:
    """Return what is left of `stretch` when every stretch of `away` is cut out of it, in order."""
    left = [stretch]
    for cut in away:
        left = [
            part
            for whole in left
            for part in (
                Stretch(whole.starts, min(whole.ends, cut.starts)),
                Stretch(max(whole.starts, cut.ends), whole.ends),
            )
            if part.starts < part.ends
        ]
    return left


@cache
def _bank_holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv="ENG")
