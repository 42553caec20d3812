"""A worker says on the desk that they have seen an alert."""

from sqlalchemy.orm import Session

from helpline import ladder
from helpline.enums import AlertWay
from helpline.models import Handover, Worker
from helpline.service import Service


def seen(session: Session, service: Service, handover_id: int, worker: Worker) -> Handover:
    """Stop the ladder: a person has it in view. The promise and its clock stand."""
    return ladder.acknowledge(session, service, handover_id, worker.id, AlertWay.DESK)
