"""Accounts of staff: who may sign in to the desk, and what each browser may still do."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.models.rota import Worker


class Role(StrEnum):
    """What a member of staff is here for. What each may open is one table, desk/permissions.py."""

    WORKER = "worker"
    EDITOR = "editor"
    APPROVER = "approver"
    LEAD = "lead"
    ADMIN = "admin"

    @property
    def takes_conversations(self) -> bool:
        """Whether families may be given this person by name."""
        return self in {Role.WORKER, Role.LEAD}


class Step(StrEnum):
    """How far a browser has come with signing in."""

    ENROL = "enrol"  # password given, no second step set up yet
    CODE = "code"  # password given, the one-time code still to come
    FULL = "full"


class Account(Base):
    """A member of staff. `worker` is the name families know, for those who take conversations."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254), unique=True)  # in lower case
    role: Mapped[Role] = mapped_column(enum_column(Role))
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"), unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)  # None: signs in elsewhere (OIDC)
    totp_encrypted: Mapped[str | None] = mapped_column(Text)
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_counter: Mapped[int] = mapped_column(BigInteger, default=0)  # a code works once
    recovery_hashes: Mapped[list[str]] = mapped_column(JSONB, default=list)
    practice: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    worker: Mapped[Worker | None] = relationship()


class Invitation(Base):
    """A way in for one new member of staff: a link that works once, for some days."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254), index=True)
    role: Mapped[Role] = mapped_column(enum_column(Role))
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AccountSession(Base):
    """One browser of one member of staff. The row decides; the cookie only names it."""

    __tablename__ = "account_sessions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    step: Mapped[Step] = mapped_column(enum_column(Step))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class SignInFailure(Base):
    """One wrong password or code. Keyed hashes only: neither the e-mail nor the address."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (
        Index("ix_sign_in_failures_account_at", "account_key", "at"),
        Index("ix_sign_in_failures_address_at", "address_key", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    account_key: Mapped[str] = mapped_column(String(64))
    address_key: Mapped[str] = mapped_column(String(64))
