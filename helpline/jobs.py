"""Queue jobs in the caller's transaction: a rollback leaves none, a commit leaves one."""

from datetime import timedelta

import procrastinate
from sqlalchemy.orm import Session

from helpline.clock import utcnow

# The runner (app/runner.py) defines what each name does; here only names and arguments are written.
ANSWER_MESSAGE = "answer_message"
LADDER_STEP = "ladder_step"
SEND_ALERT = "send_alert"
KEEP_PROMISE = "keep_promise"
SEND_TEXT = "send_text"
CHECK_TEXT = "check_text"
ERASE_TEXT_AT_CARRIER = "erase_text_at_carrier"
HAND_BACK = "hand_back"
PROOF_RING = "proof_ring"
CHECK_PROMISE = "check_promise"
RING = "ring"
RING_LATE = "ring_late"
STOP_RINGING = "stop_ringing"
FETCH_VOICEMAIL = "fetch_voicemail"

_queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def enqueue(
    session: Session, name: str, *, lock: str | None = None, delay_seconds: int = 0, **args: int
) -> int:
    """Defer job `name` with `args` (ids only) in this session's transaction; return the job's id.

    `lock` keeps jobs that share it in order and one at a time. `delay_seconds` starts it later.
    """
    connection = session.connection().connection.driver_connection
    task = _queue.configure_task(
        name,
        allow_unknown=True,
        lock=lock,
        schedule_at=utcnow() + timedelta(seconds=delay_seconds) if delay_seconds else None,
        connection=connection,
    )
    return task.defer(**args)
