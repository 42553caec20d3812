"""When nobody can come to the phone: a call at a clock time the rota can keep, or a voicemail."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import calls, handover, jobs, safe_contact, tasks
from helpline.addresses import read_spoken_number
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.enums import HandoverReason, Severity, TaskKind, TaskStatus
from helpline.models import Call, Handover, Task, Voicemail
from helpline.ports import Switchboard
from helpline.safe_contact import Answers
from helpline.service import Service


def offer_number(session: Session, service: Service, call: Call, given: str) -> str | None:
    """Keep a number a caller keyed or said until they confirm it; None when it is no UK number."""
    address = read_spoken_number(given)
    if not address.can_be_rung or address.number is None:
        return None
    call.number_given = service.book.seal(address.number)
    session.flush()
    return address.number


def offer_own_number(session: Session, service: Service, call: Call) -> str | None:
    """Keep the number the caller rings from, which they have said is safe."""
    address = calls.address_of(session, service, call)
    if not address.can_be_rung or address.number is None:
        return None
    call.number_given = service.book.seal(address.number)
    return address.number


def number_of(service: Service, call: Call) -> str | None:
    """Return the number the caller gave, confirmed or not."""
    return None if call.number_given is None else service.book.open(call.number_given)


def promise(
    session: Session, service: Service, call: Call, *, may_leave_message: bool
) -> Handover | None:
    """Promise to ring the number that was given; return the handover with its worker and time.

    None without a number: then nothing may be promised.
    """
    number = number_of(service, call)
    if number is None:
        return None
    own = calls.address_of(session, service, call).number
    safe_contact.record(
        session,
        service.book,
        call.conversation,
        Answers(
            may_call=True,
            may_leave_message=may_leave_message,
            number=number if number != own else None,
        ),
        "family",
    )
    waiting = _wanted(session, service, call)
    _task(session, TaskKind.CALL_BACK, f"call-back:{call.id}", call, waiting)
    return waiting


def keep_voicemail(
    session: Session, service: Service, call: Call, recording_sid: str, seconds: int
) -> Voicemail:
    """Make a task of a message left after the tone, and fetch its sound. Once for a recording."""
    known = session.scalar(select(Voicemail).where(Voicemail.recording_sid == recording_sid))
    if known is not None:
        return known
    waiting = _wanted(session, service, call)
    task = _task(session, TaskKind.VOICEMAIL, f"voicemail:{recording_sid}", call, waiting)
    voicemail = Voicemail(
        call_id=call.id, task_id=task.id, recording_sid=recording_sid, seconds=seconds
    )
    session.add(voicemail)
    session.flush()
    task.details = {**task.details, "voicemail_id": voicemail.id}
    jobs.enqueue(session, jobs.FETCH_VOICEMAIL, voicemail_id=voicemail.id)
    return voicemail


def fetch_voicemail(service: Service, line: Switchboard, voicemail_id: int) -> None:
    """Bring a recording's sound here, encrypted, and delete it at the carrier (a setting)."""
    with transaction() as session:
        voicemail = session.get_one(Voicemail, voicemail_id)
        sid, is_here = voicemail.recording_sid, voicemail.sound is not None
    if not is_here:
        sound = line.fetch_recording(sid)
        with transaction() as session:
            voicemail = session.get_one(Voicemail, voicemail_id)
            voicemail.sound = service.book.seal_bytes(sound)
            voicemail.fetched_at = utcnow()
    if service.settings.erase_at_carrier:
        line.delete_recording(sid)


def listen(session: Session, service: Service, voicemail_id: int) -> tuple[bytes, datetime] | None:
    """Return a voicemail's sound (WAV) and when it was left; None before it is fetched."""
    voicemail = session.get_one(Voicemail, voicemail_id)
    if voicemail.sound is None:
        return None
    return service.book.open_bytes(voicemail.sound), voicemail.left_at


def _wanted(session: Session, service: Service, call: Call) -> Handover:
    return handover.request(
        session,
        service,
        call.conversation,
        reason=HandoverReason.ASKED_FOR_PERSON,
        severity=Severity.NONE,
        now=utcnow(),
    )


def _task(session: Session, kind: TaskKind, key: str, call: Call, waiting: Handover) -> Task:
    """Open a task that has an owner and a deadline from the start: those of the promise."""
    task = tasks.open_task(
        session,
        kind,
        key=key,
        due_at=waiting.promised_at,
        opened_by="assistant",
        severity=waiting.severity,
        conversation_id=call.conversation_id,
        handover_id=waiting.id,
    )
    if waiting.worker_id is not None and task.status is TaskStatus.OPEN:
        tasks.own(session, task.id, waiting.worker_id)
    return task
