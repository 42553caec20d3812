"""Test rings: a worker's phone is rung, and a key press proves that it can be reached."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpline import audit, jobs
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.errors import Conflict, NotFound, PermanentFailure
from helpline.models import ProofRing, Worker
from helpline.ports import Switchboard
from helpline.service import Service
from helpline.workers import phone_of

KEY = "proof-"
PATH = "/telephony/worker/proof"


def ask(session: Session, service: Service, worker: Worker, actor: str) -> ProofRing:
    """Have a worker's phone rung. Raises Conflict when no number of theirs is known."""
    if phone_of(service.book, worker) is None:
        raise Conflict("no phone number is known for this worker")
    wanted = ProofRing(worker_id=worker.id, asked_by=actor)
    session.add(wanted)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="proof_ring_asked",
        subject_type="worker",
        subject_id=worker.id,
        ring_id=wanted.id,
    )
    jobs.enqueue(session, jobs.PROOF_RING, ring_id=wanted.id)
    return wanted


def ring(service: Service, line: Switchboard, ring_id: int) -> None:
    """Ring the phone, once. Raises TransientFailure when it shall be tried again."""
    with transaction() as session:
        wanted = _hold(session, ring_id)
        if wanted.proved_at is not None or wanted.failed_at is not None:
            return
        again, wanted.rung = wanted.rung, True
        number = phone_of(service.book, session.get_one(Worker, wanted.worker_id))
    seconds = service.settings.ring_seconds
    try:
        line.ring(number or "", PATH, f"{KEY}{ring_id}", again=again, seconds=seconds)
    except PermanentFailure as failure:
        with transaction() as session:
            ended(session, ring_id, str(failure))


def proved(session: Session, ring_id: int) -> None:
    """Write down that somebody pressed the key. What was taken for a failure is none then."""
    wanted = _hold(session, ring_id)
    wanted.proved_at, wanted.failed_at, wanted.error = utcnow(), None, None


def ended(session: Session, ring_id: int, code: str) -> None:
    """Write down that the call is over; without a key press nothing is proved."""
    wanted = _hold(session, ring_id)
    if wanted.proved_at is None:
        wanted.failed_at, wanted.error = utcnow(), code[:80]


def newest(session: Session, worker_ids: Iterable[int]) -> dict[int, ProofRing]:
    """Return the last test ring of each worker that has had one."""
    last = (
        select(func.max(ProofRing.id))
        .where(ProofRing.worker_id.in_(list(worker_ids)))
        .group_by(ProofRing.worker_id)
    )
    rows = session.scalars(select(ProofRing).where(ProofRing.id.in_(last)))
    return {row.worker_id: row for row in rows}


def ring_of(key: str) -> int:
    """Return the id in a key; NotFound when it is none."""
    number = key.removeprefix(KEY)
    if not key.startswith(KEY) or not number.isdecimal() or len(number) > 12:  # noqa: PLR2004 - ids
        raise NotFound("no such test ring")
    return int(number)


def _hold(session: Session, ring_id: int) -> ProofRing:
    wanted = session.get(ProofRing, ring_id, with_for_update=True)
    if wanted is None:
        raise NotFound("no such test ring")
    return wanted
