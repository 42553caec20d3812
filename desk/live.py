"""Live news for open desk pages, as server-sent events.

A page reads the database from the last thing it has: a list is sent whole whenever it differs, and
messages go on from the number the browser had. So a lost line neither loses nor repeats anything.
"""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator

from flask import Flask, Response, current_app, request, stream_with_context
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from desk.context import newsroom, session_limits
from desk.viewer import viewer
from helpline import sign_in
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.errors import HelplineError, NotFound, TransientFailure
from helpline.events import EVERYTHING
from helpline.models.accounts import AccountSession
from helpline.sse import HEARTBEAT, event, retry, wait_for_news

STREAMS_AT_MOST = 24  # by process; families' pages have 96 of its 128 threads (web/live.py)
HEARTBEAT_SECONDS = 15.0
LIST_PAUSE_SECONDS = 1.0  # a busy night must not rebuild every open list many times a second
RETRY_MILLISECONDS = 2000

log = logging.getLogger(__name__)

Piece = tuple[str, str, str]  # event name, id, data


def install_live(app: Flask) -> None:
    """Prepare the count of open streams of this process, apart from the families' own."""
    app.extensions["desk_streams"] = threading.BoundedSemaphore(STREAMS_AT_MOST)


def list_stream(render: Callable[[], str]) -> Response:
    """Answer with what `render` gives, now and whenever it has changed."""
    last = request.headers.get("Last-Event-ID", "")

    def read() -> list[Piece]:
        nonlocal last
        html = render()
        mark = hashlib.sha256(html.encode()).hexdigest()[:16]
        if mark == last:
            return []
        last = mark
        return [("list", mark, html)]

    return _stream(EVERYTHING, read, pause=LIST_PAUSE_SECONDS)


def talk_stream(
    public_id: str, after: int, read_after: Callable[[int], tuple[list[tuple[int, str]], dict]]
) -> Response:
    """Answer with the messages after number `after`, and with the state whenever it changes.

    `read_after` gives what is new as number and HTML, and the state of the handover.
    """
    given = request.headers.get("Last-Event-ID", "")
    position = int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else after  # noqa: PLR2004 - the database's integer
    shown: dict | None = None

    def read() -> list[Piece]:
        nonlocal position, shown
        fresh, state = read_after(position)
        pieces = [("message", str(n), html) for n, html in fresh]
        if fresh:
            position = fresh[-1][0]
        if state != shown:
            shown = state
            pieces.append(("state", str(position), json.dumps(state, sort_keys=True)))
        return pieces

    return _stream(public_id, read, pause=0.0)


def _stream(about: str, read: Callable[[], list[Piece]], *, pause: float) -> Response:
    streams: threading.BoundedSemaphore = current_app.extensions["desk_streams"]
    if not streams.acquire(blocking=False):
        raise TransientFailure("too many live pages")
    response = Response(
        stream_with_context(_events(about, read, pause)), mimetype="text/event-stream"
    )
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back
    response.call_on_close(streams.release)
    return response


def _events(about: str, read: Callable[[], list[Piece]], pause: float) -> Iterator[str]:
    deadline = time.monotonic() + current_app.config["STREAM_SECONDS"]
    session_id = viewer().session_id
    yield retry(RETRY_MILLISECONDS)
    with newsroom().subscribe(about) as mailbox:
        while True:
            try:
                if not _still_signed_in(session_id):
                    yield event("ended", name="ended")
                    return
                for name, mark, data in read():
                    yield event(data, name=name, event_id=mark)
            except NotFound:
                yield event("gone", name="ended")
                return
            except (OperationalError, PoolTimeout, HelplineError) as error:
                # The browser comes back by itself and goes on from what it has.
                log.warning("live news interrupted", extra={"error": type(error).__name__})
                return
            left = deadline - time.monotonic()
            if left <= 0:
                return
            if not wait_for_news(mailbox, min(HEARTBEAT_SECONDS, left)):
                yield HEARTBEAT
            elif pause:
                time.sleep(min(pause, max(left, 0)))


def _still_signed_in(session_id: int) -> bool:
    with transaction() as session:
        row = session.get(AccountSession, session_id)
        return row is not None and sign_in.is_alive(row, session_limits(), utcnow())
