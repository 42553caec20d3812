"""Queue jobs in the caller's transaction: a rollback leaves none, a commit leaves one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
CHECK_SILENCE = "check_silence"
PROOF_RING = "proof_ring"
CHECK_PROMISE = "check_promise"
RING = "ring"
RING_LATE = "ring_late"
STOP_RINGING = "stop_ringing"
FETCH_VOICEMAIL = "fetch_voicemail"

_queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


type Taker = Callable[[str, dict[str, int], int], None]

_taker: Taker | None = None


@contextmanager
def taken_by(taker: Taker) -> Iterator[None]:
    """Give every job of this process to `taker` (name, arguments, delay in seconds), not the queue.

    For simulations on a virtual clock: a job is then given away even if its transaction fails.
    """
    global _taker  # noqa: PLW0603 - one queue a process is the point
    before, _taker = _taker, taker
    try:
        yield
    finally:
        _taker = before


def enqueue(
    session: Session, name: str, *, lock: str | None = None, delay_seconds: int = 0, **args: int
) -> int:
    """Defer job `name` with `args` (ids only) in this session's transaction; return the job's id.

    `lock` keeps jobs that share it in order and one at a time. `delay_seconds` starts it later.
    """
    if _taker is not None:
        _taker(name, args, delay_seconds)
        return 0
    connection = session.connection().connection.driver_connection
    task = _queue.configure_task(
        name,
        allow_unknown=True,
        lock=lock,
        schedule_at=utcnow() + timedelta(seconds=delay_seconds) if delay_seconds else None,
        connection=connection,
    )
    return task.defer(**args)
