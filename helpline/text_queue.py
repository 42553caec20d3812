"""Queueing a text in the transaction that stores its words."""

from sqlalchemy.orm import Session

from helpline import jobs
from helpline.models import Conversation, Message, TextDelivery

# A text to a family in danger that has not left by then becomes a task for a person (issue 6: two
# minutes), with a little time for that job to start.
LATE_AFTER_SECONDS = 105


def queue(
    session: Session,
    conversation: Conversation,
    message: Message,
    part: int = 1,
    *,
    safer: bool = False,
) -> TextDelivery:
    """Queue part `part` of a message as a text to the contact of `conversation`.

    Texts to one contact leave in the order in which they were queued. When the message is about a
    handover, a second job looks whether it has left in time. `safer` sends it to the number that
    the family called safer than the one they use.
    """
    delivery = TextDelivery(message_id=message.id, part=part, safer=safer)
    session.add(delivery)
    session.flush()
    lock = f"texts:{conversation.contact_id}"
    jobs.enqueue(session, jobs.SEND_TEXT, lock=lock, delivery_id=delivery.id)
    if message.handover_id is not None:
        jobs.enqueue(
            session,
            jobs.CHECK_TEXT,
            delay_seconds=LATE_AFTER_SECONDS,
            delivery_id=delivery.id,
        )
    return delivery
