"""People who ask, their conversations, and every message either way."""

import secrets
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.enums import Channel, ConcernKind, ConversationStatus, Outcome, Sender, Severity
from helpline.line_states import TextBar
from helpline.models.safeguarding import Handover


class Contact(Base):
    """A person who asks. Matched by a keyed hash of the address; the address itself is encrypted.

    A web visitor or a withheld number has no address: each gets a contact of their own, so two
    hidden callers can never share a conversation.
    """

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    address_hmac: Mapped[str | None] = mapped_column(String(64), unique=True)
    address_encrypted: Mapped[str | None] = mapped_column(Text)
    text_bar: Mapped[TextBar | None] = mapped_column(enum_column(TextBar))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Conversation(Base):
    """A thread with one contact. Rasa knows it by `key`; `token_hash` opens it on the web."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_status_last_message", "status", "last_message_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    key: Mapped[str] = mapped_column(
        String(40), unique=True, default=lambda: "c" + secrets.token_hex(16)
    )
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    status: Mapped[ConversationStatus] = mapped_column(
        enum_column(ConversationStatus), default=ConversationStatus.OPEN
    )
    token_hash: Mapped[str | None] = mapped_column(String(64))
    prison: Mapped[str | None] = mapped_column(String(60))
    language: Mapped[str | None] = mapped_column(String(8))  # ISO 639-1, when it is not English
    practice: Mapped[bool] = mapped_column(default=False)
    last_n: Mapped[int] = mapped_column(default=0)
    waiting_since: Mapped[datetime | None]
    last_message_at: Mapped[datetime] = mapped_column(default=utcnow)
    opened_at: Mapped[datetime] = mapped_column(default=utcnow)
    closed_at: Mapped[datetime | None]
    words_removed_at: Mapped[datetime | None]

    contact: Mapped[Contact] = relationship()

    @property
    def lock(self) -> str:
        """The job lock that keeps the turns of this conversation in order."""
        return f"conversation:{self.id}"


class Message(Base):
    """One text either way. `n` counts from 1 within its conversation and never changes."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "n"),
        UniqueConstraint("conversation_id", "client_id"),
        UniqueConstraint("channel", "provider_sid"),
        Index(
            "ix_messages_words",
            func.to_tsvector(literal_column("'simple'"), literal_column("text")),
            postgresql_using="gin",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    n: Mapped[int]
    sender: Mapped[Sender] = mapped_column(enum_column(Sender))
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    text: Mapped[str | None] = mapped_column(Text)  # None once retention has removed the words
    client_id: Mapped[uuid.UUID | None]
    provider_sid: Mapped[str | None] = mapped_column(String(64))
    in_reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    answered_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(enum_column(Outcome))
    topic_id: Mapped[str | None] = mapped_column(ForeignKey("topics.id"))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    confidence: Mapped[float | None]
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    choices: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    concern: Mapped[ConcernKind | None] = mapped_column(enum_column(ConcernKind))
    severity: Mapped[Severity] = mapped_column(enum_column(Severity), default=Severity.NONE)
    handover_id: Mapped[int | None] = mapped_column(ForeignKey("handovers.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    conversation: Mapped[Conversation] = relationship()
    handover: Mapped[Handover | None] = relationship()
