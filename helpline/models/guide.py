"""Topics of the guide and their immutable revisions."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.enums import RevisionStatus


class Topic(Base):
    """A guide page or a conversation intent, by its id in topics.yml."""

    __tablename__ = "topics"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    section: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))  # guide | conversation
    position: Mapped[int] = mapped_column(default=0)


class Revision(Base):
    """One wording of a topic, never changed once written. Answers quote the one they came from."""

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("topic_id", "number"),
        Index(
            "uq_revisions_published_topic",
            "topic_id",
            unique=True,
            postgresql_where="status = 'published'",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id"), index=True)
    number: Mapped[int]
    status: Mapped[RevisionStatus] = mapped_column(enum_column(RevisionStatus))
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_hash: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    published_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
