"""Workers and their shifts."""

from datetime import datetime, time

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.enums import ShiftCover


class Worker(Base):
    """A helpline person families may be given by name. `prisons` are those they look after."""

    __tablename__ = "workers"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    duty_lead: Mapped[bool] = mapped_column(default=False)
    prisons: Mapped[list[str]] = mapped_column(JSONB, default=list)
    practice: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Shift(Base):
    """Recurring weekly hours, London time. One that ends by its start runs past midnight."""

    __tablename__ = "shifts"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("workers.id"), index=True)
    weekday: Mapped[int]  # Monday is 0
    starts: Mapped[time]
    ends: Mapped[time]
    cover: Mapped[ShiftCover] = mapped_column(enum_column(ShiftCover), default=ShiftCover.ALL)
    bank_holidays: Mapped[bool] = mapped_column(default=False)

    worker: Mapped[Worker] = relationship()
