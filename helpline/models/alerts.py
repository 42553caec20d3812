"""Every alert to a worker, and how it went: the steps of the ladder and what else they must see."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.enums import AlertKind, AlertStatus, AlertWay, Rung
from helpline.models.rota import Worker
from helpline.models.safeguarding import Handover


class Alert(Base):
    """One alert, one way, to one worker (or, without a worker, to the fallback number).

    Rows are only added; a row's status moves forward by ALERT_MOVES. `key` names the alert for
    ever, so it is made once and the carrier is asked once, whatever process dies in between.
    `error` is a code, never words.
    """

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_handover", "handover_id", "step"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id"))
    kind: Mapped[AlertKind] = mapped_column(enum_column(AlertKind))
    step: Mapped[int]  # counts from 1 within a handover; 0 for what is not a step of the ladder
    rung: Mapped[Rung] = mapped_column(enum_column(Rung))
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"), index=True)
    way: Mapped[AlertWay] = mapped_column(enum_column(AlertWay))
    status: Mapped[AlertStatus] = mapped_column(
        enum_column(AlertStatus), default=AlertStatus.QUEUED
    )
    provider_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]

    handover: Mapped[Handover] = relationship()
    worker: Mapped[Worker | None] = relationship()
