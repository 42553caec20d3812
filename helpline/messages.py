"""Messages within a conversation: append, list, lock. Used by every command that says something."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import text_queue
from helpline.clock import utcnow
from helpline.enums import Channel, Sender
from helpline.events import announce
from helpline.models import Conversation, Message


def add_message(
    session: Session,
    conversation: Conversation,
    sender: Sender,
    text: str,
    *,
    client_id: UUID | None = None,
    provider_sid: str | None = None,
    in_reply_to: Message | None = None,
    details: dict[str, Any] | None = None,
    **columns: Any,  # noqa: ANN401 - further columns of Message
) -> Message:
    """Append a message and announce it; on its way as a text, if that is the channel.

    The caller holds the conversation's row.
    """
    conversation.last_n += 1
    conversation.last_message_at = utcnow()
    message = Message(
        conversation=conversation,
        n=conversation.last_n,
        sender=sender,
        channel=conversation.channel,
        text=text,
        client_id=client_id,
        provider_sid=provider_sid,
        in_reply_to_id=in_reply_to.id if in_reply_to is not None else None,
        details=details or {},
        **columns,
    )
    session.add(message)
    session.flush()
    announce(session, conversation.public_id)
    if conversation.channel is Channel.SMS and sender is not Sender.FAMILY:
        text_queue.queue(session, conversation, message)
    return message


def list_messages(
    session: Session, conversation: Conversation, after: int = 0
) -> Sequence[Message]:
    """Return the messages numbered above `after`, in order."""
    return session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.n > after)
        .order_by(Message.n)
    ).all()


def lock(session: Session, conversation: Conversation) -> None:
    """Hold the conversation's row until the transaction ends, and read it afresh."""
    session.refresh(conversation, with_for_update=True)


def last_outbound(session: Session, conversation: Conversation) -> Message | None:
    """Return the newest message that did not come from the family."""
    return session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.sender != Sender.FAMILY)
        .order_by(Message.n.desc())
        .limit(1)
    )
