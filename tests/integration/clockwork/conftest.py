"""A virtual clock, a small team, a line that remembers, and a queue that is run by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app.runner import send_alert
from helpline import conversations, handover, jobs, ladder, promises, workers
from helpline.clock import running_on
from helpline.conversations import Inbound, record_inbound
from helpline.db import transaction
from helpline.enums import AlertWay, ShiftCover
from helpline.models import Conversation, Handover, Shift, Worker
from helpline.ports import FakeLine
from helpline.service import Service

FALLBACK = "+442079460999"
MONDAY_TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DANGER = "he has a rope and says he will end it tonight, hes in wandsworth"
WORRY = "hes been cutting himself again"


@dataclass
class Clock:
    """The time as the helpline sees it in these tests."""

    now: datetime = MONDAY_TEN

    def __call__(self) -> datetime:
        """Return it."""
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Ten on a Monday morning, until a test moves it."""
    clock = Clock()
    with running_on(clock):
        yield clock


@pytest.fixture
def helped(service: Service) -> Service:
    """The service with a fallback number."""
    settings = service.settings.model_copy(update={"fallback_number": FALLBACK})
    return replace(service, settings=settings)


@dataclass
class Team:
    """The people of a rota, by first name, and their phones."""

    session: Session
    service: Service
    phones: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, days=range(7), hours=("00:00", "00:00"), **more) -> Worker:
        """Add a worker with a phone, on every day and at all hours unless said."""
        cover = more.pop("cover", ShiftCover.ALL)
        worker = Worker(name=name, **more)
        self.session.add(worker)
        starts, ends = (time.fromisoformat(hour) for hour in hours)
        self.session.add_all(
            Shift(
                worker=worker,
                weekday=day,
                starts=starts,
                ends=ends,
                cover=cover,
                bank_holidays=True,
            )
            for day in days
        )
        self.session.flush()
        self.phones[name] = f"+447700900{100 + len(self.phones)}"
        workers.set_phone(self.session, self.service.book, worker, self.phones[name], actor="test")
        return worker


@pytest.fixture
def team(session: Session, helped: Service, clock: Clock) -> Team:
    """Nobody yet: a test says who is there."""
    session.execute(delete(Shift))
    session.execute(delete(Worker))
    return Team(session, helped)


@pytest.fixture
def three(team: Team) -> Team:
    """Ann looks after Wandsworth, Ben is on too, and Lee leads."""
    team.add("Ann", prisons=["wandsworth"])
    team.add("Ben", alert_by=AlertWay.CALL)
    team.add("Lee", duty_lead=True)
    return team


@dataclass
class Runner:
    """Runs the real jobs of the real queue, on the virtual clock."""

    session: Session
    service: Service
    clock: Clock
    line: FakeLine

    def until(self, minutes: float) -> None:
        """Let time pass: run what is due, in order, each job in its own transaction."""
        end = self.clock.now + timedelta(minutes=minutes)
        while (job := self._next(end)) is not None:
            name, args, due = job
            self.clock.now = max(self.clock.now, due)
            self.run(name, args)
        self.clock.now = end

    def run(self, name: str, args: dict[str, int]) -> None:
        """Run one job as app/runner.py does."""
        if name == jobs.SEND_ALERT:
            send_alert(self.service, self.line, args["alert_id"])
            return
        with transaction() as session:
            if name == jobs.LADDER_STEP:
                ladder.take_step(session, self.service, args["handover_id"], args["step"])
            elif name == jobs.KEEP_PROMISE:
                promises.keep_promise(session, self.service, args["handover_id"])
            elif name == jobs.CHECK_PROMISE:
                promises.check_promise(session, self.service, args["handover_id"])

    def _next(self, end: datetime) -> tuple[str, dict[str, int], datetime] | None:
        self.session.commit()
        row = self.session.execute(
            text(
                "SELECT id, task_name, args, coalesce(scheduled_at, :now) FROM procrastinate_jobs "
                "WHERE status = 'todo' AND coalesce(scheduled_at, :now) <= :end "
                "ORDER BY coalesce(scheduled_at, :now), id LIMIT 1"
            ),
            {"now": self.clock.now, "end": end},
        ).one_or_none()
        if row is None:
            return None
        self.session.execute(text("DELETE FROM procrastinate_jobs WHERE id = :id"), {"id": row[0]})
        self.session.commit()
        return row[1], row[2], row[3]


@pytest.fixture
def line() -> FakeLine:
    """What reaches phones in these tests, and remembers what did."""
    return FakeLine()


@pytest.fixture
def runner(session, helped, clock, line) -> Runner:
    """The job runner."""
    return Runner(session, helped, clock, line)


@dataclass
class Family:
    """One conversation and what becomes of it."""

    session: Session
    service: Service
    conversation: Conversation

    def say(self, words: str):
        """Write a message."""
        self.session.refresh(self.conversation)
        said = record_inbound(self.session, self.service, self.conversation, Inbound(text=words))
        self.session.commit()
        return said

    @property
    def case(self) -> Handover:
        """The open handover, as it stands."""
        self.session.expire_all()
        return handover.find_open(self.session, self.conversation)


@pytest.fixture
def family(session, helped, clock) -> Family:
    """Somebody at a web page."""
    opened, _token = conversations.open_web(session, helped)
    session.commit()
    return Family(session, helped, opened)
