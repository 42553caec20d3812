"""The safeguarding record: entries that are only added, and how a family may safely be reached."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.enums import RecordKind


class RecordEntry(Base):
    """One entry of the record of a handover; helpline/record.py says what `fields` holds by kind.

    A trigger refuses DELETE and UPDATE. The one exception is retention: once a conversation's words
    are removed, the words of its entries may be emptied.
    """

    __tablename__ = "record_entries"
    __table_args__ = (Index("ix_record_entries_handover", "handover_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id"))
    kind: Mapped[RecordKind] = mapped_column(enum_column(RecordKind))
    author: Mapped[str] = mapped_column(String(80))  # "worker:7" or what wrote it: "assistant"
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("record_entries.id"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class SafeContact(Base):
    """What a family said about being reached. Only added: the newest row of a conversation holds.

    None means not asked or not answered; it is never taken for a yes.
    """

    __tablename__ = "safe_contacts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    may_call: Mapped[bool | None]
    may_text: Mapped[bool | None]
    may_leave_message: Mapped[bool | None]
    number_encrypted: Mapped[str | None] = mapped_column(Text)  # a safer one than they wrote from
    author: Mapped[str] = mapped_column(String(80))  # "family" or "worker:7"
    at: Mapped[datetime] = mapped_column(default=utcnow)
