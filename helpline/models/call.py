"""Calls with families, the workers' phones rung for them, and every event of both."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.line_states import CallStatus, DialPurpose, DialStatus, Reach, Wish
from helpline.models.conversation import Conversation
from helpline.models.rota import Worker


class Call(Base):
    """One call, in a conversation of its own: two hidden callers can never be taken for one."""

    __tablename__ = "calls"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    reach: Mapped[Reach] = mapped_column(enum_column(Reach))
    status: Mapped[CallStatus] = mapped_column(enum_column(CallStatus), default=CallStatus.TALKING)
    wish: Mapped[Wish | None] = mapped_column(enum_column(Wish))
    slow: Mapped[bool] = mapped_column(default=False)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))
    number_given: Mapped[str | None] = mapped_column(Text)  # encrypted, until it is confirmed
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    holding_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    conversation: Mapped[Conversation] = relationship()

    @property
    def queue(self) -> str:
        """The carrier's name for where this caller waits: nothing in it says who."""
        return f"call-{self.id}"


class Dial(Base):
    """One ring of one worker's phone. `position` is the order in which they are rung."""

    __tablename__ = "dials"
    __table_args__ = (Index("ix_dials_call", "call_id", "position"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    purpose: Mapped[DialPurpose] = mapped_column(enum_column(DialPurpose))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("workers.id"), index=True)
    position: Mapped[int]
    status: Mapped[DialStatus] = mapped_column(enum_column(DialStatus), default=DialStatus.QUEUED)
    asked: Mapped[bool] = mapped_column(default=False)  # the carrier was asked to ring
    provider_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    error_code: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    worker: Mapped[Worker] = relationship()


class CallEvent(Base):
    """One thing the carrier told us of a call or of a dial. Only added; repeats have one row."""

    __tablename__ = "call_events"
    __table_args__ = (UniqueConstraint("leg_sid", "event", "sequence"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    leg_sid: Mapped[str] = mapped_column(String(64))
    event: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[int] = mapped_column(default=0)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"), index=True)
    dial_id: Mapped[int | None] = mapped_column(ForeignKey("dials.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class Voicemail(Base):
    """A message left after the tone. The sound is encrypted; it goes with the words it holds."""

    __tablename__ = "voicemails"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    recording_sid: Mapped[str] = mapped_column(String(64), unique=True)
    seconds: Mapped[int]
    sound: Mapped[bytes | None] = mapped_column(LargeBinary)
    left_at: Mapped[datetime] = mapped_column(default=utcnow)
    fetched_at: Mapped[datetime | None]
