"""What families asked and the guide had nothing for, as a list for editors.

Everything is read from the messages themselves, so there is nothing to keep in step: retention
blanks a message's words and leaves its outcome and the topic it came nearest to, and the counts
here stay right when the words are gone. Words from a conversation with a concern are never shown.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from helpline.enums import Outcome, Sender, Severity
from helpline.models import Concern, Message

OUT_OF_SCOPE: Final = "out-of-scope"
EXAMPLES: Final = 5


class Gap(StrEnum):
    """Why a message is on the list."""

    ASKED_BACK = "asked_back"  # it was not clear which topic was meant
    UNANSWERED = "unanswered"  # nothing was understood, or nothing may be said
    OUTSIDE = "outside"  # understood, and the guide does not cover it


@dataclass(frozen=True, kw_only=True)
class Example:
    """One message whose words are still kept."""

    message_id: int
    text: str
    asked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """The messages nearest to one topic. `nearest` is None where no topic was near.

    `went_on_to` counts what the same family was answered next: a question that ended there is a
    training message for that topic. `examples` are the newest, and only those still kept.
    """

    nearest: str | None
    counts: dict[Gap, int]
    went_on_to: dict[str, int]
    examples: tuple[Example, ...]

    @property
    def total(self) -> int:
        """How many messages these are."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class _Row:
    message: Message
    sensitive: bool
    answered_next: str | None


def list_unanswered(session: Session, since: datetime) -> Sequence[Unanswered]:
    """Return what was asked since `since` and not answered, the most frequent first."""
    groups: dict[str | None, list[_Row]] = {}
    for row in _rows(session, since):
        groups.setdefault(row.message.topic_id, []).append(row)
    found = [_group(topic, rows) for topic, rows in groups.items()]
    return sorted(found, key=lambda group: (-group.total, group.nearest or ""))


def _rows(session: Session, since: datetime) -> Iterable[_Row]:
    later = aliased(Message)
    answered_next = (
        select(later.topic_id)
        .where(
            later.conversation_id == Message.conversation_id,
            later.n > Message.n,
            later.sender == Sender.FAMILY,
        )
        .order_by(later.n)
        .limit(1)
        .correlate(Message)
        .scalar_subquery()
    )
    sensitive = or_(
        Message.severity != Severity.NONE,
        exists().where(Concern.conversation_id == Message.conversation_id),
    )
    query = (
        select(Message, sensitive, answered_next)
        .where(
            Message.sender == Sender.FAMILY,
            Message.created_at >= since,
            or_(
                Message.outcome.in_([Outcome.CLARIFIED, Outcome.UNANSWERED]),
                (Message.outcome == Outcome.ANSWERED) & (Message.topic_id == OUT_OF_SCOPE),
            ),
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
    )
    for message, is_sensitive, topic in session.execute(query):
        yield _Row(message, is_sensitive, topic)


def _group(nearest: str | None, rows: Sequence[_Row]) -> Unanswered:
    kept = [row.message for row in rows if row.message.text is not None and not row.sensitive]
    return Unanswered(
        nearest=nearest,
        counts=dict(Counter(_gap(row.message) for row in rows)),
        went_on_to=dict(Counter(row.answered_next for row in rows if row.answered_next)),
        examples=tuple(
            Example(message_id=message.id, text=message.text or "", asked_at=message.created_at)
            for message in kept[:EXAMPLES]
        ),
    )


def _gap(message: Message) -> Gap:
    if message.outcome is Outcome.CLARIFIED:
        return Gap.ASKED_BACK
    return Gap.OUTSIDE if message.outcome is Outcome.ANSWERED else Gap.UNANSWERED
