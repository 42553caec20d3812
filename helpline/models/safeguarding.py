"""Concerns and the handovers that bring a named worker to them."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.enums import (
    AlertWay,
    ConcernKind,
    HandoverReason,
    HandoverStatus,
    RaisedBy,
    Severity,
)
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
    """A worker takes over from the assistant. At most one is open in a conversation.

    Acknowledged: a person has seen it, and the ladder stops. Claimed: a worker has taken over.
    """

    __tablename__ = "handovers"
    __table_args__ = (
        Index(
            "uq_handovers_open_conversation",
            "conversation_id",
            unique=True,
            postgresql_where="status <> 'closed'",
        ),
        Index("ix_handovers_status_promised", "status", "promised_at"),
        Index("ix_handovers_worker_status", "worker_id", "status"),
        Index("ix_handovers_closed_at", "closed_at", postgresql_where="status = 'closed'"),
        CheckConstraint(
            "status <> 'closed' OR (closed_by_id IS NOT NULL AND close_reason <> '')",
            name="closed_by_a_worker",
        ),
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
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))
    acknowledged_way: Mapped[AlertWay | None] = mapped_column(enum_column(AlertWay))
    ladder_step: Mapped[int] = mapped_column(default=0)  # the last one taken
    ladder_from: Mapped[int] = mapped_column(default=0)  # the last one before this round began
    ladder_started_at: Mapped[datetime | None]
    ladder_due_at: Mapped[datetime | None]  # the next one; None when the ladder has stopped
    alarm_at: Mapped[datetime | None]  # a promised time nobody has kept or raised an alarm for yet
    transfer_to_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))  # asked to take it
    hands_back_at: Mapped[datetime | None]  # a worker's part ends then, if the family is silent
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))
    close_reason: Mapped[str | None] = mapped_column(Text)

    worker: Mapped[Worker | None] = relationship(foreign_keys=[worker_id])
    acknowledged_by: Mapped[Worker | None] = relationship(foreign_keys=[acknowledged_by_id])
    transfer_to: Mapped[Worker | None] = relationship(foreign_keys=[transfer_to_id])
    closed_by: Mapped[Worker | None] = relationship(foreign_keys=[closed_by_id])
