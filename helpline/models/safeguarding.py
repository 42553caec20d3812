"""Concerns and the handovers that bring a named worker to them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.enums import ConcernKind, HandoverReason, HandoverStatus, RaisedBy, Severity
from helpline.models.rota import Worker


class Concern(Base):
    """Something a family said that a person must see. Never lowered, never deleted by software."""

    __tablename__ = "concerns"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id"), index=True)
    kind: Mapped[ConcernKind] = mapped_column(enum_column(ConcernKind))
    severity: Mapped[Severity] = mapped_column(enum_column(Severity))
    raised_by: Mapped[RaisedBy] = mapped_column(enum_column(RaisedBy))
    rules: Mapped[list[str]] = mapped_column(JSONB, default=list)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Handover(Base):
    """A worker takes over from the assistant. At most one is open in a conversation."""

    __tablename__ = "handovers"
    __table_args__ = (
        Index(
            "uq_handovers_open_conversation",
            "conversation_id",
            unique=True,
            postgresql_where="status <> 'closed'",
        ),
        Index("ix_handovers_status_promised", "status", "promised_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    reason: Mapped[HandoverReason] = mapped_column(enum_column(HandoverReason))
    severity: Mapped[Severity] = mapped_column(enum_column(Severity))
    status: Mapped[HandoverStatus] = mapped_column(
        enum_column(HandoverStatus), default=HandoverStatus.REQUESTED
    )
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))
    worker_name: Mapped[str] = mapped_column(String(80))
    promised_at: Mapped[datetime]
    staffed: Mapped[bool]
    prison: Mapped[str | None] = mapped_column(String(60))
    requested_at: Mapped[datetime] = mapped_column(default=utcnow)
    claimed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None] = mapped_column(Text)

    worker: Mapped[Worker | None] = relationship()
