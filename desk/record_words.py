"""The safeguarding record in words: one-tap attempts, and each entry as a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.context import service
from helpline import record
from helpline.enums import AttemptResult, Channel, HandoverReason, RecordKind
from helpline.errors import NotFound
from helpline.models import Conversation, Handover, RecordEntry, Worker

RESULTS: Final = {
    AttemptResult.REACHED: "got through",
    AttemptResult.NO_ANSWER: "no answer",
    AttemptResult.BUSY: "busy",
    AttemptResult.LEFT_MESSAGE: "left a message",
    AttemptResult.REFUSED: "they would not help",
    AttemptResult.WRONG_NUMBER: "wrong number",
    AttemptResult.FAILED: "the call failed",
}
# Whom one rings: what the record says, and the guide's name for the number.
NUMBERS: Final = {
    "switchboard": ("the prison, duty governor", "prison:switchboard"),
    "safer_custody": ("the prison, safer custody", "prison:safer_custody"),
    "emergency": ("emergency services", "phone:emergency-999"),
    "family": ("the family", "their own number"),
    "other": ("someone else", "another number"),
}
KINDS: Final = {
    RecordKind.OPENED: "Opened",
    RecordKind.WHO: "Who said it about whom",
    RecordKind.ATTEMPT: "Attempt to get through",
    RecordKind.TOLD: "Told",
    RecordKind.FACT: "Fact",
    RecordKind.HEARSAY: "Heard from someone else",
    RecordKind.OPINION: "Opinion",
    RecordKind.DECISION: "Decision",
    RecordKind.OUTCOME: "Outcome",
    RecordKind.CORRECTION: "Correction",
}


@dataclass(frozen=True)
class EntryView:
    """One entry, said in words."""

    id: int
    at: datetime
    kind: str
    words: str
    author: str
    corrects_id: int | None


@dataclass(frozen=True)
class Dial:
    """Somebody to ring: whom, and the number in the words of a link, if it is known."""

    key: str
    whom: str
    shown: str


def beside(
    session: Session, held: Handover | None, conversation: Conversation
) -> dict[str, object]:
    """Return what the page of a conversation shows of its record."""
    entries = record.list_entries(session, held.id) if held is not None else []
    return {
        "entries": entry_views(session, entries),
        "dials": [
            Dial(key, whom, _shown(name, conversation.prison))
            for key, (whom, name) in NUMBERS.items()
        ],
        "results": RESULTS,
        "has_concern": held is not None and held.reason is HandoverReason.CONCERN,
    }


def entry_views(session: Session, entries: Sequence[RecordEntry]) -> list[EntryView]:
    """Describe entries in the order they were added."""
    names = _names(session, entries)
    return [
        EntryView(
            id=entry.id,
            at=entry.at,
            kind=KINDS[entry.kind],
            words=_words(entry),
            author=names.get(entry.worker_id, entry.author),
            corrects_id=entry.corrects_id,
        )
        for entry in entries
    ]


def _names(session: Session, entries: Sequence[RecordEntry]) -> dict[int | None, str]:
    ids = {entry.worker_id for entry in entries if entry.worker_id is not None}
    if not ids:
        return {}
    return dict(session.execute(select(Worker.id, Worker.name).where(Worker.id.in_(ids))).all())


def _words(entry: RecordEntry) -> str:
    fields: dict[str, Any] = entry.fields
    if not fields:
        return "The words are removed; their time was up."
    if entry.kind is RecordKind.OPENED:
        concerns = ", ".join(str(kind).replace("_", " ") for kind in fields["concerns"])
        return f"{concerns} ({fields['severity']}), noticed by {fields['raised_by']}."
    if entry.kind is RecordKind.WHO:
        return f"{fields['said_by']}, about {fields['about']}."
    if entry.kind is RecordKind.ATTEMPT:
        result = RESULTS[AttemptResult(fields["result"])]
        return _join(f"{fields['to']} ({fields['number']}): {result}.", fields["note"])
    if entry.kind is RecordKind.TOLD:
        return _join(f"{fields['name']}, {fields['role']}.", fields["answer"])
    return _join(fields["text"], f"Why: {fields['reason']}" if fields.get("reason") else "")


def _join(first: str, second: str) -> str:
    return f"{first} {second}".strip()


def _shown(token: str, prison_key: str | None) -> str:
    """Return the guide's number for a token as plain text, empty when it is not one of its."""
    if ":" not in token:
        return ""
    try:
        return service().guide.render(
            f"{{{{ {token} }}}}", channel=Channel.SMS, prison_key=prison_key
        )
    except NotFound:
        return ""
