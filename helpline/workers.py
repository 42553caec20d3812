"""Workers' own phones: stored encrypted, found by a keyed hash, never shown to a family."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import audit
from helpline.contacts import AddressBook
from helpline.errors import NotFound
from helpline.models import Worker


def get_worker(session: Session, worker_id: int) -> Worker:
    """Return the worker; NotFound when there is none with this id."""
    worker = session.get(Worker, worker_id)
    if worker is None:
        raise NotFound("no such worker")
    return worker


def set_phone(
    session: Session, book: AddressBook, worker: Worker, number: str | None, actor: str
) -> None:
    """Keep the E.164 number a worker is alerted on, or forget it with None."""
    worker.phone_hmac = book.fingerprint(number) if number else None
    worker.phone_encrypted = book.seal(number) if number else None
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="worker_phone_changed",
        subject_type="worker",
        subject_id=worker.id,
    )


def phone_of(book: AddressBook, worker: Worker) -> str | None:
    """Return the worker's number in E.164, or None when none is known."""
    return None if worker.phone_encrypted is None else book.open(worker.phone_encrypted)


def find_by_phone(session: Session, book: AddressBook, number: str) -> Worker | None:
    """Return the active worker whose phone this is: a text or key press from it is theirs."""
    return session.scalar(
        select(Worker).where(Worker.active, Worker.phone_hmac == book.fingerprint(number))
    )
