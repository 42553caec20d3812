"""Numbers that help: what families asked and what became of it, counted so that nobody is known.

Counts of one to four are not given ("fewer than 5"), and neither is a total they could be worked
out from: the rule of the Office for National Statistics for small counts about people.
"""

import statistics
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, cast, exists, func, select
from sqlalchemy.orm import Session

from helpline.clock import LONDON
from helpline.enums import HandoverStatus, Outcome, Sender, Severity, TaskKind
from helpline.line_states import TextStatus
from helpline.models import (
    AuditEntry,
    Concern,
    Conversation,
    Handover,
    Message,
    Task,
    TextDelivery,
    Topic,
)

SMALL = 5
FEW = "fewer than 5"
TOPICS_SHOWN = 25

Counted = Select[Any, int]  # a label and how many


@dataclass(frozen=True)
class Period:
    """From the first moment to the one after the last, in London's days."""

    name: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Row:
    """One line of a table; `count` is None where it is too small to give."""

    label: str
    count: int | None

    @property
    def words(self) -> str:
        """The count as it may be shown."""
        return FEW if self.count is None else str(self.count)


@dataclass(frozen=True)
class Table:
    """One question answered in rows. The total is left out where it would give a small row away."""

    title: str
    rows: tuple[Row, ...]

    @property
    def most(self) -> int:
        """The largest count shown, for the length of bars."""
        return max((row.count or 0 for row in self.rows), default=0)

    @property
    def total(self) -> int | None:
        """The sum, or None when it would give a suppressed row away."""
        if any(row.count is None for row in self.rows):
            return None
        return sum(row.count or 0 for row in self.rows)


@dataclass(frozen=True)
class Wait:
    """How long families of one severity waited for a person, in minutes; None when too few."""

    label: str
    median: float | None
    slowest_tenth: float | None


@dataclass(frozen=True)
class Figures:
    """Everything one page or export shows about a period."""

    period: Period
    tables: tuple[Table, ...]
    waits: tuple[Wait, ...]


def quarter(name: str) -> Period:
    """Return a quarter such as "2026-Q4". Raises ValueError for anything else."""
    year, letter, number = name[:4], name[4:6], name[6:]
    if letter != "-Q" or not year.isdigit() or number not in {"1", "2", "3", "4"}:
        message = f"{name!r} is no quarter such as 2026-Q4"
        raise ValueError(message)
    first = date(int(year), 3 * int(number) - 2, 1)
    after = date(int(year) + 1, 1, 1) if number == "4" else date(int(year), 3 * int(number) + 1, 1)
    return Period(name, _midnight(first), _midnight(after))


def quarter_of(day: date) -> str:
    """Return the name of the quarter a day lies in."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def gather(session: Session, period: Period, *, practice: bool) -> Figures:
    """Count everything for a period. Words are not read, so retention changes nothing here."""
    tables = {
        "Conversations by channel": _conversations(period, practice=practice),
        "What became of messages": _outcomes(period, practice=practice),
        "Topics families were answered on": _topics(period, practice=practice),
        "Asked and not answered, by nearest topic": _unanswered(period, practice=practice),
        "Concerns noticed": _concerns(period, practice=practice),
        "Families who needed a person": _handovers(period, practice=practice),
        "Calls and texts that needed following up": _tasks(period),
        "Texts to families": _texts(period),
    }
    counted = [_table(title, _count(session, query)) for title, query in tables.items()]
    promises = _table("Promises to families", _promises(session, period, practice=practice))
    return Figures(
        period=period,
        tables=(promises, *counted),
        waits=_waits(session, period, practice=practice),
    )


def suppressed(label: str, count: int) -> Row:
    """Return a row that gives no small count away; none at all may be said."""
    return Row(label, None if 0 < count < SMALL else count)


def _table(title: str, counts: list[tuple[str, int]]) -> Table:
    rows = tuple(suppressed(label.replace("_", " "), count) for label, count in counts)
    return Table(title, rows)


def _count(session: Session, query: Counted) -> list[tuple[str, int]]:
    return [(str(label), count) for label, count in session.execute(query)]


def _conversations(period: Period, *, practice: bool) -> Counted:
    return (
        select(Conversation.channel, func.count())
        .where(
            Conversation.opened_at >= period.starts,
            Conversation.opened_at < period.ends,
            Conversation.practice == practice,
        )
        .group_by(Conversation.channel)
        .order_by(func.count().desc())
    )


def _outcomes(period: Period, *, practice: bool) -> Counted:
    return (
        select(Message.outcome, func.count())
        .join(Conversation)
        .where(
            _during(Message, period),
            Message.sender == Sender.FAMILY,
            Message.outcome.is_not(None),
            Conversation.practice == practice,
        )
        .group_by(Message.outcome)
        .order_by(func.count().desc())
    )


def _topics(period: Period, *, practice: bool) -> Counted:
    return (
        select(Topic.title, func.count())
        .join(Message, Message.topic_id == Topic.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            _during(Message, period),
            Message.sender != Sender.FAMILY,
            Topic.kind == "guide",
            Conversation.practice == practice,
        )
        .group_by(Topic.title)
        .order_by(func.count().desc(), Topic.title)
        .limit(TOPICS_SHOWN)
    )


def _unanswered(period: Period, *, practice: bool) -> Counted:
    nearest = func.coalesce(Topic.title, "nothing near")
    return (
        select(nearest, func.count())
        .select_from(Message)
        .outerjoin(Topic, Topic.id == Message.topic_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            _during(Message, period),
            Message.sender == Sender.FAMILY,
            Message.outcome.in_((Outcome.UNANSWERED, Outcome.CLARIFIED)),
            Conversation.practice == practice,
        )
        .group_by(nearest)
        .order_by(func.count().desc(), nearest)
        .limit(TOPICS_SHOWN)
    )


def _concerns(period: Period, *, practice: bool) -> Counted:
    return (
        select(Concern.kind, func.count())
        .join(Conversation, Conversation.id == Concern.conversation_id)
        .where(_during(Concern, period), Conversation.practice == practice)
        .group_by(Concern.kind)
        .order_by(func.count().desc())
    )


def _handovers(period: Period, *, practice: bool) -> Counted:
    return (
        select(Handover.reason, func.count())
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(
            Handover.requested_at >= period.starts,
            Handover.requested_at < period.ends,
            Conversation.practice == practice,
        )
        .group_by(Handover.reason)
        .order_by(func.count().desc())
    )


def _promises(session: Session, period: Period, *, practice: bool) -> list[tuple[str, int]]:
    """Count handovers whose first promised time was kept, moved, or missed."""
    moved = exists().where(
        AuditEntry.subject_type == "handover",
        AuditEntry.subject_id == Handover.id,
        AuditEntry.action == "promise_moved",
    )
    base = (
        select(func.count())
        .select_from(Handover)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(
            Handover.requested_at >= period.starts,
            Handover.requested_at < period.ends,
            Conversation.practice == practice,
        )
    )
    in_time = and_(Handover.claimed_at.is_not(None), Handover.claimed_at <= Handover.promised_at)
    late = and_(Handover.claimed_at.is_not(None), Handover.claimed_at > Handover.promised_at)
    waiting = Handover.status == HandoverStatus.REQUESTED
    return [
        ("kept at the first time given", session.scalar(base.where(in_time, ~moved)) or 0),
        ("kept after the time was moved", session.scalar(base.where(in_time, moved)) or 0),
        ("missed", session.scalar(base.where(late)) or 0),
        ("still waiting", session.scalar(base.where(waiting)) or 0),
    ]


def _tasks(period: Period) -> Counted:
    kinds = (TaskKind.CALL_BACK, TaskKind.VOICEMAIL, TaskKind.FAILED_TEXT, TaskKind.MISSED_PROMISE)
    return (
        select(Task.kind, func.count())
        .where(_during(Task, period), Task.kind.in_(kinds))
        .group_by(Task.kind)
        .order_by(func.count().desc())
    )


def _texts(period: Period) -> Counted:
    settled = [status for status in TextStatus if status.is_final]
    return (
        select(TextDelivery.status, func.count())
        .where(
            TextDelivery.queued_at >= period.starts,
            TextDelivery.queued_at < period.ends,
            TextDelivery.status.in_(settled),
        )
        .group_by(TextDelivery.status)
        .order_by(func.count().desc())
    )


def _waits(session: Session, period: Period, *, practice: bool) -> tuple[Wait, ...]:
    minutes = cast(func.extract("epoch", Handover.claimed_at - Handover.requested_at) / 60.0, Float)
    labels = {
        Severity.IMMEDIATE: "danger to life",
        Severity.URGENT: "a person today",
        Severity.NONE: "asked for a person",
    }
    waits = []
    for severity, label in labels.items():
        found = session.scalars(
            select(minutes)
            .join(Conversation, Conversation.id == Handover.conversation_id)
            .where(
                Handover.requested_at >= period.starts,
                Handover.requested_at < period.ends,
                Handover.claimed_at.is_not(None),
                Handover.severity == severity,
                Conversation.practice == practice,
            )
        ).all()
        if len(found) < SMALL:
            waits.append(Wait(label, None, None))
        else:
            slowest = statistics.quantiles(found, n=10, method="inclusive")[-1]
            waits.append(Wait(label, round(statistics.median(found), 1), round(slowest, 1)))
    return tuple(waits)


def _during(table: type[Message | Concern | Task], period: Period) -> ColumnElement[bool]:
    return and_(table.created_at >= period.starts, table.created_at < period.ends)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def last_quarters(today: date, how_many: int = 8) -> list[str]:
    """Return the names of the newest quarters, this one first."""
    names, day = [], today
    for _ in range(how_many):
        names.append(quarter_of(day))
        day = date(day.year, 3 * ((day.month + 2) // 3) - 2, 1) - timedelta(days=1)
    return names
