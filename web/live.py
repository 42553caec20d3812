"""Live news of one conversation as server-sent events. Event ids are message numbers.

Nothing is lost or repeated: a stream reads the database from the last number the client had, and
NOTIFY only says when to look again. Format: HTML Living Standard, section 9.2.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from flask import Flask, Response, current_app, request, stream_with_context
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from helpline import conversations
from helpline.db import transaction
from helpline.enums import ConversationStatus
from helpline.errors import NotFound
from helpline.messages import list_messages
from helpline.models import Message
from helpline.sse import HEARTBEAT, event, retry, wait_for_news
from web.context import newsroom
from web.cookie import Key

HEARTBEAT_SECONDS = 15.0
STREAM_SECONDS = 300.0  # then the browser comes back, so that no thread is held for ever
STREAMS_AT_MOST = 96  # by process; each holds one of its 128 threads (app/gunicorn_conf.py)
RETRY_MILLISECONDS = 2000

log = logging.getLogger(__name__)

Encode = Callable[[Sequence[Message]], list[str]]


@dataclass(frozen=True)
class State:
    """What a page shows besides messages."""

    waiting: bool
    closed: bool


class TooManyStreams(Exception):
    """Every thread for live news is taken; the client polls instead."""


def install_live(app: Flask) -> None:
    """Prepare the count of open streams of this process."""
    app.config.setdefault("STREAM_SECONDS", STREAM_SECONDS)
    app.extensions["streams"] = threading.BoundedSemaphore(STREAMS_AT_MOST)


def message_number(text: str | None, default: int = 0) -> int:
    """Return a message number that a client sent, or `default` for anything that is none."""
    digits = text or ""
    # Nine digits fit the database's integer, and no chat is that long.
    return int(digits) if re.fullmatch(r"[0-9]{1,9}", digits) else default


def last_seen(after: int) -> int:
    """Return the number to go on from: `Last-Event-ID` when a browser reconnects, else `after`."""
    return message_number(request.headers.get("Last-Event-ID"), default=after)


def event_stream(key: Key, after: int, encode: Encode) -> Response:
    """Answer with the events of the conversation that `key` opens, beginning after message `after`.

    `encode` turns messages into the data of one event each, in order. Raises TooManyStreams.
    """
    streams: threading.BoundedSemaphore = current_app.extensions["streams"]
    if not streams.acquire(blocking=False):
        raise TooManyStreams
    events = stream_with_context(_events(key, last_seen(after), encode))
    response = Response(events, mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back
    response.call_on_close(streams.release)
    return response


def wait_for_answer(key: Key, seconds: float) -> None:
    """Return once no answer is being prepared, or after `seconds`. For pages without JS."""
    deadline = time.monotonic() + seconds
    with newsroom().subscribe(key.public_id) as mailbox:
        while (left := deadline - time.monotonic()) > 0:
            with transaction() as session:
                conversation = conversations.authenticate(session, key.public_id, key.token)
                if conversation.waiting_since is None:
                    return
            wait_for_news(mailbox, min(left, 1.0))


def _events(key: Key, after: int, encode: Encode) -> Iterator[str]:
    deadline = time.monotonic() + current_app.config["STREAM_SECONDS"]
    shown: State | None = None
    yield retry(RETRY_MILLISECONDS)
    with newsroom().subscribe(key.public_id) as mailbox:
        while True:
            try:
                fresh, state = _read(key, after, encode)
            except NotFound:
                yield "event: gone\ndata: gone\n\n"
                return
            except (OperationalError, PoolTimeout) as error:
                log.warning("live news interrupted", extra={"error": type(error).__name__})
                return  # the browser comes back by itself
            for n, data in fresh:
                yield event(data, event_id=n)
                after = n
            if state != shown:
                shown = state
                yield event(json.dumps(asdict(state)), name="state")
            left = deadline - time.monotonic()
            if left <= 0:
                return
            if not wait_for_news(mailbox, min(HEARTBEAT_SECONDS, left)):
                yield HEARTBEAT


def _read(key: Key, after: int, encode: Encode) -> tuple[list[tuple[int, str]], State]:
    with transaction() as session:
        conversation = conversations.authenticate(session, key.public_id, key.token)
        messages = list_messages(session, conversation, after)
        state = State(
            waiting=conversation.waiting_since is not None,
            closed=conversation.status is ConversationStatus.CLOSED,
        )
        numbers = [message.n for message in messages]
        return list(zip(numbers, encode(messages), strict=True)), state
