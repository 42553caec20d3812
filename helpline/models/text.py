"""Texts on their way to families: what became of each."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.clock import utcnow
from helpline.db import Base, enum_column
from helpline.line_states import TextStatus
from helpline.models.conversation import Message


class TextDelivery(Base):
    """One text to a family: part `part` (from 1) of a message. Its words stay in the message."""

    __tablename__ = "text_deliveries"
    __table_args__ = (UniqueConstraint("message_id", "part", "safer"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    part: Mapped[int] = mapped_column(default=1)
    safer: Mapped[bool] = mapped_column(default=False)  # to the number a family called safer
    status: Mapped[TextStatus] = mapped_column(enum_column(TextStatus), default=TextStatus.QUEUED)
    provider_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    error_code: Mapped[int | None]
    queued_at: Mapped[datetime] = mapped_column(default=utcnow)
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]

    message: Mapped[Message] = relationship()
