"""Work for a person: call backs, voicemail, texts that failed, promises that were missed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.enums import AttemptResult, Severity, TaskKind, TaskStatus
from helpline.models.rota import Worker


class Task(Base):
    """One thing a worker has to do by `due_at`. `key` keeps the same cause from opening it twice.

    `details` holds ids and enums; what was said stands in the conversation or the voicemail.
    """

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_status_due", "status", "due_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str | None] = mapped_column(String(80), unique=True)
    kind: Mapped[TaskKind] = mapped_column(enum_column(TaskKind))
    status: Mapped[TaskStatus] = mapped_column(enum_column(TaskStatus), default=TaskStatus.OPEN)
    severity: Mapped[Severity] = mapped_column(enum_column(Severity), default=Severity.NONE)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    handover_id: Mapped[int | None] = mapped_column(ForeignKey("handovers.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"), index=True)
    due_at: Mapped[datetime]
    opened_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    completed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)  # a worker's words: goes with retention
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)

    owner: Mapped[Worker | None] = relationship()
    attempts: Mapped[list["TaskAttempt"]] = relationship(order_by="TaskAttempt.id")


class TaskAttempt(Base):
    """One try at a task: who, when, how it went. Only added."""

    __tablename__ = "task_attempts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))
    result: Mapped[AttemptResult] = mapped_column(enum_column(AttemptResult))
    at: Mapped[datetime] = mapped_column(default=utcnow)

    worker: Mapped[Worker | None] = relationship()
