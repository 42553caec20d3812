"""Delivery receipts: whose text a receipt is about, and how far along it says that text is."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import alerts, deliveries, ladder
from helpline.enums import AlertStatus
from helpline.line_states import TextStatus
from helpline.models import Alert
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

ALERT_KEY = "handover:"


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
    if key.startswith(ALERT_KEY):
        _alert_receipt(session, service, key, said, error_code)
    elif key.startswith(deliveries.KEY) and number.isdecimal():
        deliveries.move_on(
            session, service, int(number), said, provider_sid=sid, error_code=error_code
        )


def _alert_receipt(
    session: Session, service: Service, key: str, said: TextStatus, error_code: int | None
) -> None:
    """Write down how a text to a worker went: one that failed brings the next way, or person."""
    alert = session.scalar(select(Alert).where(Alert.key == key))
    if alert is None or alert.status in {AlertStatus.ACKNOWLEDGED, AlertStatus.FAILED}:
        return
    if said is TextStatus.DELIVERED and alert.status is not AlertStatus.DELIVERED:
        alerts.note_delivered(session, alert.id)
    elif said.did_not_arrive:
        ladder.note_failure(session, service, alert.id, str(error_code or said.value))
