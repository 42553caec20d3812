"""A browser without JavaScript and a program on the API, both on this test's connection."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import html5lib
import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.runner import answer_message
from helpline.clock import utcnow
from helpline.db import configure
from helpline.enums import Outcome, Sender
from helpline.guide.replies import AnswerReply, Choice, SourceRef, TrailReply
from helpline.models import Message
from helpline.ports import FakeAssistant
from helpline.service import Service
from web.limits import limiter


@pytest.fixture
def app(one_app, connection: Connection) -> Iterator[Any]:
    """The application on this test's connection, without limits unless a test turns them on."""
    configure(connection)
    limiter.enabled = False
    yield one_app
    limiter.reset()
    limiter.enabled = True


class Page:
    """A page whose HTML has no error (the WHATWG parser in strict mode says so)."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)

    def all(self, path: str) -> list[Any]:
        """Return the elements at an ElementPath."""
        return self.tree.findall(path)

    def texts(self, path: str) -> list[str]:
        """Return the text of each element at an ElementPath, with single spaces."""
        return [" ".join("".join(found.itertext()).split()) for found in self.all(path)]

    def fields(self) -> dict[str, str]:
        """Return the hidden fields of the message form."""
        hidden = self.all(".//form[@id='write']//input[@type='hidden']")
        return {box.get("name"): box.get("value") for box in hidden}

    def said(self) -> list[str]:
        """Return the words of every message shown, in order."""
        return self.texts(".//article/div[@class='words']")


@dataclass
class Browser:
    """What a person without JavaScript can do."""

    client: FlaskClient
    session: Session
    service: Service
    assistant: FakeAssistant = field(default_factory=FakeAssistant)

    def open(self, path: str = "/", status: int = 200) -> Page:
        """Open a page and return it."""
        response = self.client.get(path)
        assert response.status_code == status, response.text
        return Page(response.text)

    def send(self, text: str, **fields: str) -> Any:
        """Fill in the form and press Send."""
        return self.client.post("/messages", data={**self.open().fields(), "text": text, **fields})

    def answer(self) -> None:
        """Let the job runner answer whatever is waiting."""
        waiting = self.session.scalars(
            select(Message.id).where(Message.sender == Sender.FAMILY, Message.answered_at.is_(None))
        ).all()
        for message_id in waiting:
            answer_message(self.service, self.assistant, message_id)
        self.session.expire_all()

    def messages(self) -> list[Message]:
        """Return everything stored, in order."""
        self.session.expire_all()
        return list(self.session.scalars(select(Message).order_by(Message.id)))


@pytest.fixture
def family(client: FlaskClient, session: Session, service: Service) -> Browser:
    """A browser without JavaScript on the start page."""
    return Browser(client, session, service)


def medicine_answer(_: str) -> tuple[Any, ...]:
    """Return the turn of an assistant that always answers about medicine."""
    return (
        AnswerReply(
            topic="medication-on-arrival",
            revision_id=None,
            text="They should get their medicine.\n\n- Ring **healthcare**.",
            sources=(
                SourceRef(title="A guide", url="https://example.org/guide", seen="2026-11-21"),
            ),
            last_checked="2026-11-20",
            approved=False,
            next=(
                Choice(label="How do they see a nurse?", payload="/seeing-doctor-or-nurse"),
                Choice(label="Nobody listens", payload="/nobody-listens"),
            ),
        ),
        TrailReply(topic="medication-on-arrival", confidence=0.9, outcome=Outcome.ANSWERED),
    )


@dataclass
class Program:
    """What a program does with the JSON API."""

    client: FlaskClient
    id: str = ""
    token: str = ""

    def open(self) -> "Program":
        """Open a conversation and keep its token."""
        started = self.client.post("/api/conversations").get_json()
        self.id, self.token = started["id"], started["token"]
        return self

    @property
    def headers(self) -> dict[str, str]:
        """The header that opens the conversation."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def address(self) -> str:
        """Where its messages are."""
        return f"/api/conversations/{self.id}/messages"

    def send(self, text: Any, client_id: Any = None, **kwargs: Any) -> Any:
        """Send one message and return the response."""
        body = {"text": text, "client_id": str(client_id or uuid.uuid4())}
        return self.client.post(self.address, json=body, headers=self.headers, **kwargs)

    def read(self, after: int = 0) -> dict[str, Any]:
        """Read the messages numbered above `after`."""
        response = self.client.get(f"{self.address}?after={after}", headers=self.headers)
        assert response.status_code == 200, response.text
        return response.get_json()

    def events(self, after: int = 0, **headers: str) -> list[dict[str, str]]:
        """Return the events that a stream gives before it ends."""
        address = f"/api/conversations/{self.id}/events?after={after}"
        with self.client.get(address, headers={**self.headers, **headers}) as response:
            assert response.mimetype == "text/event-stream", response.text
            blocks = response.text.split("\n\n")
        fields = [dict(line.split(": ", 1) for line in block.split("\n") if line and line[0] != ":")
                  for block in blocks]  # fmt: skip
        return [event for event in fields if "data" in event]


@pytest.fixture
def api(client: FlaskClient) -> Program:
    """A program with a conversation of its own."""
    return Program(client).open()


@pytest.fixture
def answers():
    """The replies of an assistant that always answers about medicine."""
    return medicine_answer


@pytest.fixture
def time_machine_from_now():
    """Move the clock forward by what timedelta takes."""
    travellers = []

    def move(**ahead: float) -> None:
        traveller = time_machine.travel(utcnow() + timedelta(**ahead))
        traveller.start()
        travellers.append(traveller)

    yield move
    for traveller in reversed(travellers):
        traveller.stop()


@pytest.fixture
def limits_on(app) -> None:
    """Count requests in this test."""
    limiter.reset()
    limiter.enabled = True
