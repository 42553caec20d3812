"""Workers, their shifts, and when they are away."""

from datetime import date, datetime, time

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.enums import AlertWay, ShiftCover


class Worker(Base):
    """A helpline person families may be given by name.

    `prisons` are keys of the guide's prisons they look after, `regions` the guide's names of
    regions, `languages` two-letter codes (ISO 639-1). `alert_by` is how they are told besides the
    desk; their phone is stored as a contact's address is: encrypted, and found by a keyed hash.
    """

    __tablename__ = "workers"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    duty_lead: Mapped[bool] = mapped_column(default=False)
    prisons: Mapped[list[str]] = mapped_column(JSONB, default=list)
    regions: Mapped[list[str]] = mapped_column(JSONB, default=list)
    languages: Mapped[list[str]] = mapped_column(JSONB, default=lambda: ["en"])
    alert_by: Mapped[AlertWay] = mapped_column(enum_column(AlertWay), default=AlertWay.TEXT)
    phone_hmac: Mapped[str | None] = mapped_column(String(64), unique=True)
    phone_encrypted: Mapped[str | None] = mapped_column(Text)
    practice: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Shift(Base):
    """Hours in London time, every week on `weekday` or once on `on_date`.

    One that ends by its start runs past midnight. `bank_holidays` matters to weekly shifts only: a
    shift for one date is worked whatever the day is.
    """

    __tablename__ = "shifts"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("num_nonnulls(weekday, on_date) = 1", name="weekly_or_once"),
        Index("ix_shifts_on_date", "on_date"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("workers.id"), index=True)
    weekday: Mapped[int | None]  # Monday is 0
    on_date: Mapped[date | None]
    starts: Mapped[time]
    ends: Mapped[time]
    cover: Mapped[ShiftCover] = mapped_column(enum_column(ShiftCover), default=ShiftCover.ALL)
    bank_holidays: Mapped[bool] = mapped_column(default=False)

    worker: Mapped[Worker] = relationship()


class Absence(Base):
    """A stretch in which a worker is not there, whatever the shifts say: sick or on leave."""

    __tablename__ = "absences"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="ends_after_start"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("workers.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    worker: Mapped[Worker] = relationship()


class ShiftConfirmation(Base):
    """A worker has said that they will be there for the shift that starts on this date."""

    __tablename__ = "shift_confirmations"
    __table_args__ = (UniqueConstraint("shift_id", "on_date"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id", ondelete="CASCADE"))
    on_date: Mapped[date]
    confirmed_at: Mapped[datetime] = mapped_column(default=utcnow)
