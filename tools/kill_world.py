"""The processes of the kill test: web and job runner as in production, and the carrier's stand-in.

They are forked from one process that has read everything, so that each starts at once.
"""

import contextlib
import io
import json
import multiprocessing
import os
import signal
import socket
import time
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import procrastinate
from kill_points import Point, arm
from sqlalchemy import NullPool, create_engine, text
from werkzeug.serving import make_server

from app import runner
from app.wiring import build_service
from helpline import conversations, ladder, messages, texts
from helpline.addresses import read_address
from helpline.conversations import Inbound, record_inbound
from helpline.db import configure, driver_url, make_engine, transaction
from helpline.models import Conversation
from helpline.ports import FakeAssistant
from helpline.service import Service
from helpline.settings import Settings
from telephony.account import account_of
from telephony.carrier import TwilioLine
from telephony.practice.exchange import Exchange
from telephony.practice.server import make_exchange_app
from telephony.practice.webhooks import Webhooks

FORK = multiprocessing.get_context("fork")
# The ladder in seconds where production has minutes: what is tested is that no step is lost.
STEPS = tuple(timedelta(seconds=seconds) for seconds in (0, 1, 2, 3))
PATIENCE = 20.0


@dataclass(frozen=True)
class Saying:
    """One message of a family. Sent again after a crash, it is the same message."""

    channel: str  # web or sms
    talk: str  # the page's `start`, or the phone's number
    id: str  # the page's id of the message, or the carrier's
    words: str


@dataclass
class World:
    """What the parent holds: settings, the folder of the carrier's notes, and the processes."""

    settings: Settings
    service: Service
    carrier_log: Path
    carrier: Any = None
    web: "Web | None" = None
    jobs: Any = None
    told: list[tuple[int, str]] = field(default_factory=list)

    def start_carrier(self) -> None:
        """Serve the stand-in on the port that the settings name."""
        self.carrier = FORK.Process(
            target=_carrier, args=(self.settings, self.carrier_log), daemon=True
        )
        self.carrier.start()
        address = urlsplit(self.settings.twilio_api_base_url)
        for _try in range(200):
            with (
                contextlib.suppress(OSError),
                socket.create_connection((address.hostname, address.port), timeout=1),
            ):
                return
            time.sleep(0.05)
        raise RuntimeError("the stand-in for the carrier did not start")

    def start_web(self, point: Point | None = None, nth: int = 1) -> None:
        """Start a web process, to die at `point` if given."""
        self.web = Web(self.service, point, nth)

    def start_jobs(self, point: Point | None = None, nth: int = 1) -> None:
        """Start a job runner, to die at `point` if given."""
        self.jobs = FORK.Process(target=_jobs, args=(self.service, point, nth), daemon=True)
        self.jobs.start()

    def say(self, saying: Saying) -> bool:
        """Have the web process take in a message; False when it died over it."""
        assert self.web is not None  # noqa: S101 - the parent starts one first
        shown = self.web.ask(saying)
        if shown is None:
            return False
        self.told += shown
        return True

    def stop(self) -> None:
        """Kill whatever runs."""
        for process in (self.web and self.web.process, self.jobs, self.carrier):
            if process is not None:
                kill(process)


class Web:
    """A web process: takes one message at a time, and says what the page would show after it."""

    def __init__(self, service: Service, point: Point | None, nth: int) -> None:
        self._ours, theirs = FORK.Pipe()
        self.process = FORK.Process(target=_web, args=(service, theirs, point, nth), daemon=True)
        self.process.start()
        theirs.close()

    def ask(self, saying: Saying) -> list[tuple[int, str]] | None:
        """Return what the family sees, or None when the process is dead."""
        try:
            self.hand_in(saying)
            if not self._ours.poll(PATIENCE):
                return None
            answer: list[tuple[int, str]] = self._ours.recv()
        except (EOFError, OSError):
            return None
        return answer

    def hand_in(self, saying: Saying) -> None:
        """Give it a message and do not wait for what becomes of it."""
        self._ours.send(saying)

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.is_alive()


def kill(process: Any) -> None:  # noqa: ANN401 - a process of any context
    """End a process as a crash would, and wait for it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.join()


def _quick(service: Service) -> None:
    """Begin a forked process: connections of its own, the parent's way to end, a fast clock."""
    configure(make_engine(service.settings.database_url))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ladder.STEPS = STEPS
    ladder.LATE = timedelta(seconds=3)
    runner.EVERY = "* * * * * */2"
    runner.HEARTBEAT_SECONDS = 0.5
    runner.STALLED_AFTER_SECONDS = 8.0  # a busy machine is not a dead runner
    runner.POLL_SECONDS = 0.3


def _web(service: Service, pipe: Connection, point: Point | None, nth: int) -> None:
    _quick(service)
    if point is not None:
        arm(point, nth)
    while True:
        saying = pipe.recv()
        pipe.send(_take_in(service, saying))


def _take_in(service: Service, saying: Saying) -> list[tuple[int, str]]:
    with transaction() as session:
        if saying.channel == "web":
            conversation, _token = conversations.open_web(session, service, start=UUID(saying.talk))
            inbound = Inbound(text=saying.words, client_id=UUID(saying.id))
            stored = record_inbound(session, service, conversation, inbound)
        else:
            text_in = texts.InboundText(
                sender=read_address(saying.talk), text=saying.words, sid=saying.id
            )
            stored = texts.receive(session, service, text_in)
        conversation_id = stored.conversation_id
    with transaction() as session:  # as the page reads it, after the commit
        shown = session.get_one(Conversation, conversation_id)
        return [(m.id, m.text or "") for m in messages.list_messages(session, shown)]


def _jobs(service: Service, point: Point | None, nth: int) -> None:
    _quick(service)
    if point is not None:
        arm(point, nth)
    account = account_of(service.settings)
    assert account is not None  # noqa: S101 - the settings of this test name one
    connector = procrastinate.PsycopgConnector(conninfo=service.settings.database_url)
    line = TwilioLine(account, text_valid_seconds=900)
    queue = runner.build_jobs(service, FakeAssistant(), line, connector)
    runner.work(queue)


def make_service(settings: Settings) -> Service:
    """Read the guide and the rules once, before the first fork.

    The parent keeps no connection between two uses: a fork would inherit it.
    """
    service = build_service(settings)
    configure(create_engine(driver_url(settings.database_url), poolclass=NullPool))
    record_nothing(service)
    return service


def record_nothing(service: Service) -> None:
    """Take in a message and roll it back, so that everything slow is loaded."""
    with contextlib.suppress(_Enough), transaction() as session:
        conversation, _token = conversations.open_web(session, service)
        record_inbound(session, service, conversation, Inbound(text="he has a rope tonight"))
        raise _Enough


class _Enough(Exception):
    pass


def _carrier(settings: Settings, log: Path) -> None:
    account = account_of(settings)
    assert account is not None  # noqa: S101 - the settings of this test name one
    exchange = Exchange(account, Webhooks(account, httpx.Client()))
    exchange.held = []  # callbacks are not what is tested here
    address = urlsplit(settings.twilio_api_base_url)
    server = make_server(
        address.hostname or "", address.port or 0, _Noted(make_exchange_app(exchange), log)
    )
    server.serve_forever()


@dataclass
class _Noted:
    """Writes down every text and call that was taken, by its key."""

    app: Any
    log: Path

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:  # noqa: ANN401 - WSGI
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        answer = self.app(environ, start_response)
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        callback = asked.get("StatusCallback", "")
        if environ["REQUEST_METHOD"] == "POST" and callback:
            key = parse_qs(urlsplit(callback).query)["key"][0]
            with self.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps({"key": key, "to": asked["To"], "body": asked.get("Body")}))
                log.write("\n")
        return answer


def is_quiet() -> bool:
    """Whether nothing is left to do that is due: no job, no alert or text half sent."""
    with transaction() as session:
        due = session.scalar(
            text(
                "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' OR (status = 'todo'"
                " AND (scheduled_at IS NULL OR scheduled_at < now() + interval '3 seconds')"
                " AND task_name IN ('answer_message', 'ladder_step', 'send_alert', 'send_text'))"
            )
        )
        half = session.scalar(
            text(
                "SELECT (SELECT count(*) FROM alerts WHERE status IN ('queued', 'sending')) +"
                " (SELECT count(*) FROM text_deliveries WHERE status IN ('queued', 'sending'))"
            )
        )
    return not due and not half
