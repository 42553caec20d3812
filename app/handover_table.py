"""The open handovers as a table on the command line: ids, people on duty and times, no words."""

from datetime import timedelta

from rich.table import Table
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from helpline.clock import clock_words, utcnow
from helpline.enums import HandoverStatus, Severity
from helpline.models import Handover

_SOONEST_FIRST = case(
    {severity.value: severity.rank for severity in Severity}, value=Handover.severity
).desc()


def open_handovers(session: Session) -> Table:
    """Return what waits for a person or is with one, the most severe and the oldest first."""
    now = utcnow()
    table = Table("Id", "Severity", "Reason", "Prison", "Worker", "Promised", "Waiting", "Status")
    query = (
        select(Handover)
        .where(Handover.status != HandoverStatus.CLOSED)
        .order_by(_SOONEST_FIRST, Handover.requested_at)
    )
    for handover in session.scalars(query):
        late = handover.status is HandoverStatus.REQUESTED and handover.promised_at < now
        table.add_row(
            str(handover.id),
            handover.severity,
            handover.reason,
            handover.prison or "not known",
            handover.worker_name,
            clock_words(handover.promised_at, now) + (" (overdue)" if late else ""),
            _in_words(now - handover.requested_at),
            handover.status,
            style="bold red" if late else None,
        )
    return table


def _in_words(waited: timedelta) -> str:
    minutes = int(waited.total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
