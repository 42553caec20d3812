"""A worker says that they have seen an alert."""

from sqlalchemy.orm import Session

from helpline import audit, takeover
from helpline.clock import utcnow
from helpline.enums import AlertWay, HandoverStatus
from helpline.errors import Conflict
from helpline.models import Handover, Worker
from helpline.service import Service


def seen(session: Session, service: Service, handover_id: int, worker: Worker) -> Handover:
    """Stop the ladder: a person has it in view. The promise and its clock stand."""
    del service
    _, held = takeover.hold(session, handover_id)
    if held.status is not HandoverStatus.REQUESTED:
        raise Conflict("somebody has taken this on, or it is closed")
    if held.acknowledged_at is None:
        held.acknowledged_at, held.acknowledged_by_id = utcnow(), worker.id
        held.acknowledged_way = AlertWay.DESK
        held.ladder_due_at = None
        audit.record(
            session,
            actor=f"worker:{worker.id}",
            action="handover_acknowledged",
            subject_type="handover",
            subject_id=held.id,
            way=AlertWay.DESK,
        )
    return held
