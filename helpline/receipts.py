"""Delivery receipts: whose text a receipt is about, and how far along it says that text is."""

from sqlalchemy.orm import Session

from helpline import deliveries
from helpline.line_states import TextStatus
from helpline.service import Service

# The carrier's words for where a text is. Others (read, canceled …) are not obeyed.
STATUSES = {
    "queued": TextStatus.SENDING,
    "accepted": TextStatus.SENDING,
    "sending": TextStatus.SENDING,
    "sent": TextStatus.SENT,
    "delivered": TextStatus.DELIVERED,
    "undelivered": TextStatus.UNDELIVERED,
    "failed": TextStatus.FAILED,
}


def text_receipt(
    session: Session,
    service: Service,
    *,
    key: str,
    sid: str,
    status: str,
    error_code: int | None,
) -> None:
    """Move the text named `key` to what the carrier says of it. What is unknown changes nothing."""
    said = STATUSES.get(status)
    if said is None:
        return
    number = key.removeprefix(deliveries.KEY)
    if key.startswith(deliveries.KEY) and number.isdecimal():
        deliveries.move_on(
            session, service, int(number), said, provider_sid=sid, error_code=error_code
        )
