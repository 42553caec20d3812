"""The jobs that reach phones: what each of their names does."""

import procrastinate

from helpline import call_backs, deliveries, dialling, jobs, proof_rings
from helpline.db import transaction
from helpline.errors import PermanentFailure
from helpline.line_states import DialStatus
from helpline.models import Message
from helpline.service import Service
from telephony.carrier import TwilioLine


def add_phone_jobs(
    queue: procrastinate.App,
    service: Service,
    line: TwilioLine,
    retry: procrastinate.RetryStrategy,
) -> None:
    """Define the phone's tasks on `queue`; transient failures are tried again as `retry` says."""

    @queue.task(name=jobs.SEND_TEXT, retry=retry)
    def _send_text(delivery_id: int) -> None:
        deliveries.send(service, line, delivery_id)

    @queue.task(name=jobs.CHECK_TEXT, retry=retry)
    def _check_text(delivery_id: int) -> None:
        with transaction() as session:
            deliveries.check(session, service, delivery_id)

    @queue.task(name=jobs.ERASE_TEXT_AT_CARRIER, retry=retry)
    def _erase_text(message_id: int) -> None:
        with transaction() as session:
            sid = session.get_one(Message, message_id).provider_sid
        if sid is not None:
            erase_text(line, sid)

    @queue.task(name=jobs.RING, retry=retry)
    def _ring(dial_id: int) -> None:
        dialling.ring(service, line, dial_id)

    @queue.task(name=jobs.RING_LATE, retry=retry)
    def _ring_late(dial_id: int) -> None:
        with transaction() as session:
            dialling.finish(session, service, dial_id, DialStatus.NO_ANSWER)

    @queue.task(name=jobs.STOP_RINGING, retry=retry)
    def _stop_ringing(dial_id: int) -> None:
        dialling.stop(line, dial_id)

    @queue.task(name=jobs.PROOF_RING, retry=retry)
    def _proof_ring(ring_id: int) -> None:
        proof_rings.ring(service, line, ring_id)

    @queue.task(name=jobs.FETCH_VOICEMAIL, retry=retry)
    def _fetch_voicemail(voicemail_id: int) -> None:
        call_backs.fetch_voicemail(service, line, voicemail_id)


def erase_text(line: TwilioLine, sid: str) -> None:
    """Blank a text at the carrier; one that is gone there is what we want."""
    try:
        line.erase_text(sid)
    except PermanentFailure as failure:
        if str(failure) != "20404":
            raise
