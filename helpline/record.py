"""The safeguarding record of a handover: what may be added to it, and all of it gathered.

Entries are facts that somebody states; messages, concerns, alerts and deliveries are never copied
into them but gathered from where they are kept, so that the record cannot say anything else.
A coroner may read it (facts: safety notes, section 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpline import audit, safe_contact
from helpline.clock import utcnow
from helpline.contacts import AddressBook
from helpline.enums import (
    AttemptResult,
    Channel,
    ConcernKind,
    RaisedBy,
    RecordKind,
    Severity,
)
from helpline.errors import NotFound
from helpline.models import (
    Alert,
    AuditEntry,
    Concern,
    Conversation,
    Handover,
    Message,
    RecordEntry,
    Task,
)

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Entry(BaseModel):
    """What one entry says. Each kind is a subclass; nothing else can be added."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[RecordKind]


class Opened(Entry):
    """Written with the concern, before any reply: what was noticed, where, and by what."""

    kind = RecordKind.OPENED
    message_id: int
    concerns: list[ConcernKind]
    severity: Severity
    raised_by: RaisedBy
    rules: list[str]
    channel: Channel
    prison: str | None


class Who(Entry):
    """Who said it about whom, as far as known."""

    kind = RecordKind.WHO
    said_by: Label
    about: Label


class Attempt(Entry):
    """One try to get through: to whom, on which of the guide's numbers, and how it went."""

    kind = RecordKind.ATTEMPT
    to: Label
    number: Label  # the guide's name for it, such as prison:switchboard; never the digits
    result: AttemptResult
    at: AwareDatetime
    note: str = ""


class Told(Entry):
    """Somebody was told: their name and role, when, and what they answered."""

    kind = RecordKind.TOLD
    name: Label
    role: Label
    at: AwareDatetime
    answer: str = ""


class Fact(Entry):
    """Something the worker saw or checked."""

    kind = RecordKind.FACT
    text: Words


class Hearsay(Entry):
    """Something somebody says that somebody else said or did."""

    kind = RecordKind.HEARSAY
    text: Words


class Opinion(Entry):
    """What the worker thinks."""

    kind = RecordKind.OPINION
    text: Words


class Decision(Entry):
    """What was decided and why; "no action" is a decision too."""

    kind = RecordKind.DECISION
    text: Words
    reason: Words


class Outcome(Entry):
    """How it ended."""

    kind = RecordKind.OUTCOME
    text: Words


class Correction(Entry):
    """What an earlier entry should have said. The earlier one stays as it is."""

    kind = RecordKind.CORRECTION
    text: Words
    reason: Words


@dataclass(frozen=True)
class SafeguardingRecord:
    """All that is known of one handover, each part in the order it happened."""

    handover: Handover
    conversation: Conversation
    messages: Sequence[Message]  # the whole conversation, exact words, with what was delivered
    concerns: Sequence[Concern]
    alerts: Sequence[Alert]  # with acknowledgements
    entries: Sequence[RecordEntry]
    tasks: Sequence[Task]  # with their attempts
    reachable: safe_contact.Answers
    trail: Sequence[AuditEntry]


def add(
    session: Session,
    handover_id: int,
    entry: Entry,
    *,
    author: str,
    worker_id: int | None = None,
    corrects_id: int | None = None,
) -> RecordEntry:
    """Add an entry to a handover's record, closed or not. It can never be changed.

    A Correction names the entry it corrects, which must be of the same handover: NotFound if not.
    """
    handover = session.get(Handover, handover_id)
    if handover is None:
        raise NotFound("no such handover")
    if (entry.kind is RecordKind.CORRECTION) != (corrects_id is not None):
        raise ValueError("a correction, and nothing else, names the entry it corrects")
    if corrects_id is not None:
        corrected = session.get(RecordEntry, corrects_id)
        if corrected is None or corrected.handover_id != handover_id:
            raise NotFound("no such entry in this record")
    row = RecordEntry(
        conversation_id=handover.conversation_id,
        handover_id=handover_id,
        kind=entry.kind,
        author=author,
        worker_id=worker_id,
        corrects_id=corrects_id,
        at=utcnow(),
        fields=entry.model_dump(mode="json"),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor=author,
        action="record_entry_added",
        subject_type="handover",
        subject_id=handover_id,
        kind=entry.kind,
        entry_id=row.id,
    )
    return row


def gather(session: Session, book: AddressBook, handover_id: int) -> SafeguardingRecord:
    """Return the whole record of a handover, as it stands now. NotFound when there is none."""
    handover = session.get(Handover, handover_id)
    if handover is None:
        raise NotFound("no such handover")
    conversation_id = handover.conversation_id

    return SafeguardingRecord(
        handover=handover,
        conversation=session.get_one(Conversation, conversation_id),
        messages=session.scalars(
            select(Message).where(Message.conversation_id == conversation_id).order_by(Message.n)
        ).all(),
        concerns=session.scalars(
            select(Concern).where(Concern.handover_id == handover_id).order_by(Concern.id)
        ).all(),
        alerts=session.scalars(
            select(Alert).where(Alert.handover_id == handover_id).order_by(Alert.id)
        ).all(),
        entries=list_entries(session, handover_id),
        tasks=session.scalars(
            select(Task)
            .where(or_(Task.handover_id == handover_id, Task.conversation_id == conversation_id))
            .order_by(Task.id)
        ).all(),
        reachable=safe_contact.answers(session, book, conversation_id),
        trail=session.scalars(
            select(AuditEntry)
            .where(AuditEntry.subject_type == "handover", AuditEntry.subject_id == handover_id)
            .order_by(AuditEntry.id)
        ).all(),
    )


def list_entries(session: Session, handover_id: int) -> Sequence[RecordEntry]:
    """Return the entries of a handover's record in the order they were added."""
    return session.scalars(
        select(RecordEntry).where(RecordEntry.handover_id == handover_id).order_by(RecordEntry.id)
    ).all()
