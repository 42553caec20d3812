"""Texts and calls on this test's connection, with the stand-in for the carrier."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.orm import Session

from app import create_app
from app.phone_jobs import erase_text
from app.runner import answer_message
from helpline import deliveries, jobs
from helpline.db import configure, transaction
from helpline.errors import TransientFailure
from helpline.models import Message, TextDelivery
from helpline.ports import FakeAssistant
from helpline.service import Service
from helpline.settings import Settings
from tests.carrier import Carrier, run_carrier

DAWN = "+447700900111"


@pytest.fixture(scope="session")
def phone_app(engine: Engine, settings: Settings) -> Any:
    """The application, made once: reading the whole guide takes a while."""
    return create_app(settings)


@pytest.fixture
def app(phone_app: Any, connection: Connection) -> Any:
    """The application on this test's connection."""
    configure(connection)
    return phone_app


@pytest.fixture
def carrier(app: Any, settings: Any) -> Iterator[Carrier]:
    """The stand-in; its callbacks wait until `deliver` makes them, on this test's thread."""
    with httpx.Client(transport=httpx.WSGITransport(app=app)) as client:
        for carrier in run_carrier(settings, client):
            carrier.exchange.held = []
            yield carrier


@dataclass
class Family:
    """A family with a mobile phone, and the job runner that answers them."""

    carrier: Carrier
    session: Session
    service: Service
    assistant: FakeAssistant
    number: str = DAWN

    def text(self, body: str, *, pictures: int = 0, sid: str = "") -> Any:
        """Send a text and let everything happen that it causes."""
        answer = self.carrier.exchange.text_in(self.number, body, ["x"] * pictures, sid)
        self.run_jobs()
        return answer

    def run_jobs(self, *, due_later: bool = False) -> None:
        """Run what is queued, in order, and deliver the receipts; `due_later`: timed jobs too."""
        while self._run_next(due_later=due_later) or self.deliver():
            pass
        self.session.expire_all()

    def deliver(self) -> bool:
        """Make the callbacks that the carrier holds."""
        held, self.carrier.exchange.held = self.carrier.exchange.held or [], []
        for url, parameters in held:
            self.carrier.exchange.webhooks.ask(url, parameters)
        return bool(held)

    def _run_next(self, *, due_later: bool) -> bool:
        row = self.session.execute(
            text(
                "DELETE FROM procrastinate_jobs WHERE id = (SELECT min(id) FROM procrastinate_jobs "
                "WHERE status = 'todo' AND task_name = ANY(:names) "
                "AND (:later OR scheduled_at IS NULL)) RETURNING task_name, args"
            ),
            {"names": list(self._tasks()), "later": due_later},
        ).first()
        if row is None:
            return False
        self.session.commit()
        self._tasks()[row.task_name](**row.args)
        return True

    def _tasks(self) -> dict[str, Any]:
        def send(delivery_id: int) -> None:
            for attempt in range(3):
                try:
                    return deliveries.send(self.service, self.carrier.line, delivery_id)
                except TransientFailure:
                    assert attempt < 2
            return None

        def check(delivery_id: int) -> None:
            with transaction() as session:
                deliveries.check(session, self.service, delivery_id)

        def erase(message_id: int) -> None:
            erase_text(self.carrier.line, self.session.get_one(Message, message_id).provider_sid)

        return {
            jobs.ANSWER_MESSAGE: lambda message_id: answer_message(
                self.service, self.assistant, message_id
            ),
            jobs.SEND_TEXT: send,
            jobs.CHECK_TEXT: check,
            jobs.ERASE_TEXT_AT_CARRIER: erase,
        }

    @property
    def got(self) -> list[str]:
        """The texts this family has got, oldest first."""
        return self.carrier.exchange.texts_to(self.number)

    def deliveries(self) -> list[TextDelivery]:
        """What became of each text."""
        return list(self.session.scalars(select(TextDelivery).order_by(TextDelivery.id)))

    def messages(self) -> list[Message]:
        """Everything stored, in order."""
        return list(self.session.scalars(select(Message).order_by(Message.id)))


@pytest.fixture
def assistant() -> FakeAssistant:
    """An assistant that answers nothing yet."""
    return FakeAssistant()


@pytest.fixture
def family(
    carrier: Carrier, session: Session, service: Service, assistant: FakeAssistant
) -> Family:
    """Dawn, on her mobile."""
    return Family(carrier, session, service, assistant)
