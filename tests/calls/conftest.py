"""The whole helpline but Rasa in this process: real pages over HTTP, database and job runner.

Calls and texts come from the carrier's stand-in, which makes and takes real HTTP requests. Nothing
is rolled back: every script has numbers of its own.
"""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time as clock_time
from typing import Any

import httpx
import procrastinate
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, delete, select, text
from werkzeug.serving import make_server

from app import create_app
from app.postgres import embedded
from app.runner import build_jobs
from app.wiring import build_service, give_practice_phones, import_content
from helpline import safety
from helpline.db import configure, make_engine, session_factory, transaction
from helpline.enums import HandoverReason, Outcome, ShiftCover
from helpline.errors import TransientFailure
from helpline.guide.replies import (
    AnswerReply,
    Choice,
    ClarifyReply,
    HandoverReply,
    Reply,
    TrailReply,
)
from helpline.models import Shift, Worker
from helpline.ports import FakeAssistant
from helpline.service import Service
from helpline.settings import Settings
from tests.calls.twiml_rules import faults
from tests.carrier import Carrier, run_carrier

PATIENCE = 30.0
LONG = " ".join(f"This is sentence {n} of a long answer about consent." for n in range(18))


def reply(words: str) -> tuple[Reply, ...]:
    """Answer as the assistant would; some words ask for other turns."""
    if "broken" in words:
        raise TransientFailure("fake assistant: told to fail")
    if "slowly" in words:
        time.sleep(3.5)
    if "unsure" in words:
        choices = (Choice(label="Seeing a doctor", payload="/seeing-doctor-or-nurse"),
                   Choice(label="Consent", payload="/consent-basics"))  # fmt: skip
        trail = TrailReply(topic=None, confidence=0.4, outcome=Outcome.CLARIFIED)
        return ClarifyReply(text="Which of these is closest?", choices=choices), trail
    if "someone real" in words:
        trail = TrailReply(topic=None, confidence=0.9, outcome=Outcome.HANDED_OVER)
        return HandoverReply(reason=HandoverReason.ASKED_FOR_PERSON), trail
    topic = words.removeprefix("/") if words.startswith("/") else "consent-basics"
    if words.startswith("number"):
        topic = words
    said = LONG if "long" in words else f"Here is the answer about {topic}."
    if words.startswith("number"):
        topic = "consent-basics"
    trail = TrailReply(topic=topic, confidence=0.9, outcome=Outcome.ANSWERED)
    more = tuple(Choice(label=f"More {n}", payload="/consent-basics") for n in range(2))
    return AnswerReply(topic=topic, revision_id=None, text=said, next=more), trail


@dataclass
class World:
    """A helpline that runs, and the carrier beside it."""

    settings: Settings
    service: Service
    carrier: Carrier
    assistant: FakeAssistant
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(100, 999)))

    def number(self) -> str:
        """A mobile nobody else has."""
        return f"+447700900{next(self.numbers):03d}"

    def landline(self) -> str:
        """A landline nobody else has."""
        return f"+442079460{next(self.numbers):03d}"

    def staff(self, who: str) -> None:
        """Put everybody on duty ("all"), one on call for danger ("on_call"), or "nobody"."""
        with transaction() as session:
            session.execute(text("DELETE FROM shift_confirmations"))
            session.execute(delete(Shift))
            workers = session.scalars(select(Worker).order_by(Worker.id)).all()
            on = {"all": workers, "on_call": workers[-1:], "nobody": []}[who]
            cover = ShiftCover.ALL if who == "all" else ShiftCover.IMMEDIATE
            for worker in on:
                for day in range(7):
                    # Two, so that no moment of the day is near the end of both.
                    for hour in (0, 12):
                        at = clock_time(hour)
                        shift = Shift(weekday=day, starts=at, ends=at, cover=cover)
                        shift.worker, shift.bank_holidays = worker, True
                        session.add(shift)

    def until(self, condition: Callable[[], Any]) -> Any:
        """Return what `condition` gives as soon as it gives something."""
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < deadline, "nothing came of it"
            time.sleep(0.02)
        return found

    def check_twiml(self, before: set[str]) -> None:
        """Every document of every call but those `before` was one that Twilio accepts."""
        for sid, leg in list(self.carrier.exchange.legs.items()):
            for document in () if sid in before else leg.twiml:
                if document.strip():
                    assert faults(document) == [], document


def _use(engine: Engine) -> None:
    """Close what was opened on another engine, and use this one."""
    session_factory().kw["bind"].dispose()
    configure(engine)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def _running_jobs(queue: procrastinate.App) -> Iterator[None]:
    """Run jobs on a thread of their own; all of it is over when the block ends."""
    loop = asyncio.new_event_loop()

    async def work() -> None:
        async with queue.open_async():
            await queue.run_worker_async(
                concurrency=6,
                fetch_job_polling_interval=0.5,
                install_signal_handlers=False,
                delete_jobs="successful",
            )

    task = loop.create_task(work())
    thread = threading.Thread(target=_until_done, args=(loop, task), name="jobs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(PATIENCE)


def _until_done(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError:
        pass
    finally:
        loop.close()


@pytest.fixture(scope="session")
def world(make_settings, tmp_path_factory, project_root) -> Iterator[World]:
    """Start everything once."""
    with embedded(tmp_path_factory.mktemp("pg") / "data") as server:
        config = Config(project_root / "alembic.ini")
        config.attributes["url"] = server.url()
        command.upgrade(config, "head")
        port, phone_port = _free_port(), _free_port()
        settings = make_settings(
            database_url=server.url(),
            port=port,
            ring_seconds=5,
            practice_phone_url=f"http://127.0.0.1:{phone_port}",
        )
        engine = make_engine(settings.database_url)
        configure(engine)
        import_content(settings)
        give_practice_phones(settings)
        app = create_app(settings)
        _use(engine)
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        pages = make_server("127.0.0.1", port, app, threaded=True)
        threading.Thread(target=pages.serve_forever, name="pages", daemon=True).start()
        service, assistant = build_service(settings), FakeAssistant(default=reply)
        _use(engine)
        safety.screen("")  # as the processes do at their start: not while a caller waits
        service.guide.find_foreign("hello there")
        with httpx.Client(trust_env=False) as client:
            for carrier in run_carrier(settings, client, phone_port):
                connector = procrastinate.PsycopgConnector(conninfo=settings.database_url)
                queue = build_jobs(service, assistant, carrier.line, connector)
                with _running_jobs(queue):
                    yield World(settings, service, carrier, assistant)
        pages.shutdown()
        pages.server_close()
        engine.dispose()
