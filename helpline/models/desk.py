"""What only staff see of a conversation: notes to each other, and replies not yet sent."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from helpline.clock import utcnow
from helpline.db import Base


class Note(Base):
    """An internal note. Never sent; its words go when the conversation's words go."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    author_name: Mapped[str] = mapped_column(String(80))
    text: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=utcnow)


class Draft(Base):
    """A reply someone is writing: kept when their session ends, gone when it is sent."""

    __tablename__ = "drafts"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id"), primary_key=True, index=True
    )
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(default=utcnow)


class ProofRing(Base):
    """One ring of a worker's phone that proves, by a key press, that it can be reached."""

    __tablename__ = "proof_rings"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("workers.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
    rung: Mapped[bool] = mapped_column(default=False)  # the carrier was asked
    proved_at: Mapped[datetime | None]  # a key was pressed
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(80))  # a code, never words
