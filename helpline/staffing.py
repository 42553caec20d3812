"""Warnings before nobody is there: a stretch no shift covers, a list of holidays running out."""

import logging
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from helpline import rota, tasks
from helpline.clock import LONDON, london_date
from helpline.enums import Severity, TaskKind
from helpline.opening import holidays_need_checking
from helpline.service import Service

log = logging.getLogger(__name__)


def warn_of_gaps(session: Session, service: Service, now: datetime) -> int:
    """Open a task for each stretch of the coming days that nobody is there for; return how many.

    Looks `rota_warning_days` ahead. The same gap opens one task, due when it begins: a stretch that
    is already open is urgent. Another task asks for the list of bank holidays to be checked.
    """
    # From midnight to midnight, so that a gap has the same ends however often it is looked at.
    today = london_date(now)
    until = today + timedelta(days=service.settings.rota_warning_days)
    found = rota.gaps(session, service.hours, _midnight(today), _midnight(until))
    gaps = [gap for gap in found if gap.ends > now]
    for gap in gaps:
        open_now = gap.starts <= now
        tasks.open_task(
            session,
            TaskKind.ROTA_GAP,
            key=f"gap:{gap.cover}:{int(gap.starts.timestamp())}",
            due_at=max(gap.starts, now),
            opened_by="clock",
            severity=Severity.URGENT if open_now else Severity.NONE,
            cover=gap.cover,
            starts=gap.starts.isoformat(),
            ends=gap.ends.isoformat(),
        )
        log.warning("a gap in the rota", extra={"cover": gap.cover, "open_now": open_now})
    if holidays_need_checking(service.hours, london_date(now)):
        checked = service.hours.bank_holidays_checked_until
        tasks.open_task(
            session,
            TaskKind.CHECK_HOLIDAYS,
            key=f"holidays:{checked.isoformat()}",
            due_at=datetime.combine(checked, time(9), LONDON),
            opened_by="clock",
            checked_until=checked.isoformat(),
        )
        log.warning("bank holidays need checking")
    return len(gaps)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)
