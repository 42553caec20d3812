"""The morning digest: what came in while nobody was there, what was done, what is due today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpline import inbox, opening, tasks
from helpline.clock import london_date
from helpline.enums import AlertStatus, HandoverStatus, Outcome, Sender
from helpline.inbox import Item
from helpline.line_states import TextStatus
from helpline.models import Alert, Conversation, Handover, Message, Task, TextDelivery
from helpline.opening import OpeningHours, Stretch

LOOK_BACK_DAYS = 7
DUE_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Digest:
    """One stretch out of hours."""

    since: datetime
    until: datetime
    conversations: int
    outcomes: dict[Outcome, int]
    came: Sequence[Item]  # families who needed a person, asked for in that stretch, still open
    ended: int  # of those, how many were closed already
    alerts_sent: int
    alerts_seen: int
    texts_failed: int
    due: Sequence[Item]  # promised within a day, whenever asked for
    tasks: Sequence[Task]


def last_closed(hours: OpeningHours, now: datetime) -> Stretch:
    """Return the last stretch out of hours: from one closing time to the next opening (or now).

    While nobody is meant to be there, it is the stretch that is still running.
    """
    today = london_date(now)
    staffed = sorted(
        opening.staffed_stretches(hours, today - timedelta(days=LOOK_BACK_DAYS), today),
        key=lambda stretch: stretch.starts,
    )
    begun = [stretch for stretch in staffed if stretch.starts <= now]
    if not begun:
        return Stretch(now - timedelta(days=1), now)
    if begun[-1].ends <= now:
        return Stretch(begun[-1].ends, now)
    before = begun[-2].ends if len(begun) > 1 else begun[-1].starts - timedelta(days=1)
    return Stretch(before, begun[-1].starts)


def gather(session: Session, stretch: Stretch, now: datetime, *, practice: bool) -> Digest:
    """Return the digest of a stretch, as things stand now."""
    since, until = stretch.starts, stretch.ends
    still_open = inbox.list_open(session, practice=practice)
    outcomes = session.execute(
        select(Message.outcome, func.count())
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.created_at >= since,
            Message.created_at < until,
            Message.sender == Sender.FAMILY,
            Message.outcome.is_not(None),
            Conversation.practice == practice,
        )
        .group_by(Message.outcome)
    )
    return Digest(
        since=since,
        until=until,
        conversations=session.scalar(
            select(func.count())
            .select_from(Conversation)
            .where(
                Conversation.opened_at >= since,
                Conversation.opened_at < until,
                Conversation.practice == practice,
            )
        )
        or 0,
        outcomes={outcome: count for outcome, count in outcomes if outcome is not None},
        came=[item for item in still_open if since <= item.handover.requested_at < until],
        ended=session.scalar(
            select(func.count())
            .select_from(Handover)
            .join(Conversation, Conversation.id == Handover.conversation_id)
            .where(
                Handover.requested_at >= since,
                Handover.requested_at < until,
                Handover.status == HandoverStatus.CLOSED,
                Conversation.practice == practice,
            )
        )
        or 0,
        alerts_sent=_alerts(session, since, until),
        alerts_seen=_alerts(session, since, until, AlertStatus.ACKNOWLEDGED),
        texts_failed=session.scalar(
            select(func.count())
            .select_from(TextDelivery)
            .where(
                TextDelivery.queued_at >= since,
                TextDelivery.queued_at < until,
                TextDelivery.status.in_([s for s in TextStatus if s.did_not_arrive]),
            )
        )
        or 0,
        due=sorted(
            (
                item
                for item in still_open
                if item.handover.status is HandoverStatus.REQUESTED
                and item.handover.promised_at < now + DUE_WITHIN
            ),
            key=lambda item: item.handover.promised_at,
        ),
        tasks=[task for task in tasks.list_open(session) if task.due_at < now + DUE_WITHIN],
    )


def _alerts(
    session: Session, since: datetime, until: datetime, status: AlertStatus | None = None
) -> int:
    query = (
        select(func.count())
        .select_from(Alert)
        .where(Alert.created_at >= since, Alert.created_at < until)
    )
    if status is not None:
        query = query.where(Alert.status == status)
    return session.scalar(query) or 0
