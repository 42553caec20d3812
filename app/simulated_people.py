"""The people of the simulated year: their shifts, their leave and sickness, their phones."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from helpline.clock import LONDON
from helpline.enums import AlertWay, Severity, ShiftCover
from helpline.errors import PermanentFailure, TransientFailure
from helpline.models import Absence, Shift, Worker
from helpline.opening import is_bank_holiday
from helpline.service import Service
from helpline.workers import set_phone

DAY = timedelta(days=1)
WEEK = range(7)
WORKDAYS = range(5)
SATURDAY = 5
# name, days, hours, cover, prisons, regions, lead, way
ROTA = (
    ("Ann", WORKDAYS, "09:00", "14:30", ShiftCover.ALL, ["wandsworth"], ["London"], False),
    ("Ben", WORKDAYS, "09:00", "14:30", ShiftCover.ALL, [], ["North West"], False),
    ("Cat", WORKDAYS, "14:30", "20:00", ShiftCover.ALL, ["leeds"], [], False),
    ("Dev", WORKDAYS, "14:30", "20:00", ShiftCover.ALL, [], ["London"], False),
    ("Eve", (5, 6), "10:00", "15:00", ShiftCover.ALL, [], [], False),
    ("Fay", (0, 1, 2, 3), "00:00", "00:00", ShiftCover.IMMEDIATE, [], [], True),
    ("Gus", (4, 5, 6), "00:00", "00:00", ShiftCover.IMMEDIATE, [], [], True),
)
SICK_SPELLS, SICK_DAYS, LEAVE_WEEKS = 4, 3, 5
COVER_FOUND = 0.6  # of the days somebody is away, a colleague takes the shift
PHONE_DEAD = 0.02  # of days, for each phone
OUTAGES, OUTAGE_HOURS = 6, 5
FAULTS = 0.01  # of asks, the carrier fails for now


@dataclass
class Phones:
    """Which phone is dead when, and when the carrier is down."""

    chance: random.Random
    start: datetime
    numbers: dict[str, int] = field(default_factory=dict)
    dead: set[tuple[str, int]] = field(default_factory=set)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)

    def plan(self, days: int) -> None:
        """Choose the dead days and the outages of the year."""
        for number in self.numbers:
            self.dead |= {(number, d) for d in range(days) if self.chance.random() < PHONE_DEAD}
        for _outage in range(OUTAGES):
            begins = self.start + timedelta(hours=self.chance.uniform(0, days * 24))
            ends = begins + timedelta(hours=self.chance.uniform(1, OUTAGE_HOURS))
            self.outages.append((begins, ends))

    def is_down(self, now: datetime) -> bool:
        """Whether the carrier takes nothing at this time."""
        return any(begins <= now < ends for begins, ends in self.outages)

    def check(self, number: str, now: datetime) -> None:
        """Raise as a line does when this phone cannot be reached now."""
        if self.is_down(now) or self.chance.random() < FAULTS:
            raise TransientFailure("simulated outage")
        if (number, (now - self.start).days) in self.dead:
            raise PermanentFailure("unreachable")


@dataclass(frozen=True)
class Hours:
    """One stretch somebody is there, worked out here and not by the rota's own code."""

    worker_id: int
    cover: ShiftCover
    starts: datetime
    ends: datetime

    def takes(self, severity: Severity) -> bool:
        """Whether this kind of shift is there for it."""
        return self.cover is ShiftCover.ALL or severity is Severity.IMMEDIATE


@dataclass
class Year:
    """What was planned, for checking promises against: hours, and who is away when."""

    hours: list[Hours] = field(default_factory=list)
    away: dict[int, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    by_day: dict[date, list[Hours]] = field(default_factory=dict)
    sick: list[tuple[int, datetime, datetime]] = field(default_factory=list)

    def add(self, hours: Hours) -> None:
        """Remember a stretch, by the days it touches."""
        self.hours.append(hours)
        for day in {hours.starts.date(), hours.ends.date()}:
            self.by_day.setdefault(day, []).append(hours)

    def there(self, severity: Severity, at: datetime, worker_id: int | None = None) -> list[int]:
        """Return who is there for this severity at a time (its last second counts)."""
        return [
            hours.worker_id
            for hours in self.by_day.get(at.date(), [])
            if hours.takes(severity)
            and hours.starts <= at <= hours.ends
            and (worker_id is None or hours.worker_id == worker_id)
            and not any(a < at < b for a, b in self.away.get(hours.worker_id, []))
        ]


def plan_year(
    session: Session, service: Service, chance: random.Random, start: date, days: int
) -> tuple[Year, Phones]:
    """Put workers, shifts and leave in the database; return the plan, sickness to come too."""
    year = Year()
    begins = datetime.combine(start, time(), LONDON).astimezone(UTC)
    phones = Phones(chance, begins)
    crew = [_hire(session, service, phones, number) for number in range(len(ROTA))]
    for worker, row in zip(crew, ROTA, strict=True):
        _, weekdays, starts, ends, cover, _, _, lead = row
        for weekday in weekdays:
            session.add(
                Shift(
                    worker=worker,
                    weekday=weekday,
                    starts=time.fromisoformat(starts),
                    ends=time.fromisoformat(ends),
                    cover=cover,
                    bank_holidays=lead or SATURDAY in weekdays,
                )
            )
        away = _leave(chance, begins, days)
        year.sick += _sickness(chance, worker.id, begins, days)
        year.away[worker.id] = away
        session.add_all(
            Absence(worker=worker, starts_at=a, ends_at=b, added_by="simulation") for a, b in away
        )
    session.flush()
    for offset in range(-1, days + 28):
        day = start + offset * DAY
        for worker, row in zip(crew, ROTA, strict=True):
            _, weekdays, starts, ends, cover, _, _, lead = row
            if day.weekday() not in weekdays:
                continue
            if is_bank_holiday(day) and not (lead or SATURDAY in weekdays):
                continue
            stretch = _stretch(worker.id, cover, day, starts, ends)
            year.add(stretch)
            if _is_away(year, stretch) and chance.random() < COVER_FOUND:
                other = chance.choice([w for w in crew if w is not worker])
                session.add(
                    Shift(
                        worker=other,
                        on_date=day,
                        starts=time.fromisoformat(starts),
                        ends=time.fromisoformat(ends),
                        cover=cover,
                    )
                )
                year.add(_stretch(other.id, cover, day, starts, ends))
    session.flush()
    phones.plan(days)
    return year, phones


def _hire(session: Session, service: Service, phones: Phones, number: int) -> Worker:
    name, _, _, _, _, prisons, regions, lead = ROTA[number]
    worker = Worker(
        name=name,
        prisons=prisons,
        regions=regions,
        duty_lead=lead,
        alert_by=AlertWay.CALL if lead else AlertWay.TEXT,
    )
    session.add(worker)
    session.flush()
    phone = f"+447700900{100 + number}"
    set_phone(session, service.book, worker, phone, actor="simulation")
    phones.numbers[phone] = worker.id
    return worker


def _leave(chance: random.Random, begins: datetime, days: int) -> list[tuple[datetime, datetime]]:
    weeks = [begins + chance.randrange(days) * DAY for _ in range(LEAVE_WEEKS)]
    return [(first, first + 7 * DAY) for first in weeks]


def _sickness(
    chance: random.Random, worker_id: int, begins: datetime, days: int
) -> list[tuple[int, datetime, datetime]]:
    """Return spells that begin at any hour, in the middle of a shift too."""
    firsts = [begins + chance.uniform(0, days) * DAY for _ in range(SICK_SPELLS)]
    return [(worker_id, one, one + chance.randint(1, SICK_DAYS) * DAY) for one in firsts]


def _is_away(year: Year, hours: Hours) -> bool:
    return any(a < hours.ends and b > hours.starts for a, b in year.away[hours.worker_id])


def _stretch(worker_id: int, cover: ShiftCover, day: date, starts: str, ends: str) -> Hours:
    last = day if ends > starts else day + DAY
    return Hours(
        worker_id,
        cover,
        datetime.combine(day, time.fromisoformat(starts), LONDON).astimezone(UTC),
        datetime.combine(last, time.fromisoformat(ends), LONDON).astimezone(UTC),
    )
