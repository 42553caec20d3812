"""A year of arrivals on a virtual clock, through the ladder, the rota and the jobs of production.

What is made up: who writes when, how fast people answer, and which phone or carrier fails. What is
real: every command of the core, the jobs of app/runner.py, and PostgreSQL. A year of some thousand
arrivals takes minutes, for each arrival is a few hundred statements.
"""

import functools
import heapq
import logging
import random
import statistics
import tempfile
import time as stopwatch
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from rich.table import Table
from sqlalchemy import delete, select, text

from app import database
from app.postgres import embedded
from app.runner import send_alert
from app.simulated_people import Phones, Year, plan_year
from app.wiring import build_service, import_content
from helpline import concerns, conversations, handover, jobs, ladder, promises
from helpline.clock import running_on
from helpline.db import configure, make_engine, transaction
from helpline.enums import (
    AlertKind,
    AlertStatus,
    AlertWay,
    ConcernKind,
    HandoverReason,
    HandoverStatus,
    Sender,
    Severity,
)
from helpline.errors import TransientFailure
from helpline.messages import add_message
from helpline.models import Absence, Alert, Handover, Shift, Worker
from helpline.safety import ConcernFound, Screening
from helpline.service import Service
from helpline.settings import Settings

START = date(2027, 1, 1)
DAYS = 365
FALLBACK = "+442079460999"
LATE = timedelta(minutes=20)
# What families come with, and how often.
ARRIVALS = ((Severity.IMMEDIATE, 0.15), (Severity.URGENT, 0.35), (Severity.NONE, 0.5))
PRISONS = ("wandsworth", "leeds", "brixton", "forest-bank", None, None)
# How people are: the chance that an alert is seen at all, and the median minutes until then.
SEEN = {AlertWay.TEXT: (0.75, 2.0), AlertWay.CALL: (0.7, 0.5)}
FALLBACK_SEEN = (0.85, 0.5)
TALK_MINUTES = (10, 40)


@dataclass
class Case:
    """One arrival, as it went."""

    severity: Severity
    arrived: datetime
    first_promise: datetime
    acknowledged: datetime | None = None
    claimed: datetime | None = None
    began: datetime | None = None  # when the ladder began
    late_because: str | None = None


@dataclass
class Simulation:
    """The clock, what is to happen, and what did."""

    service: Service
    chance: random.Random
    year: Year
    phones: Phones
    now: datetime
    todo: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    numbers: count = field(default_factory=count)  # type: ignore[type-arg]
    cases: dict[int, Case] = field(default_factory=dict)
    free: dict[int, datetime] = field(default_factory=dict)  # when a worker's talk is over
    waiting: dict[int, None] = field(default_factory=dict)  # nobody has seen these yet
    outside: int = 0
    unnamed: int = 0
    promised: int = 0

    # Time

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        """Have something happen at a time."""
        heapq.heappush(self.todo, (when, next(self.numbers), what))

    def run(self, until: datetime) -> None:
        """Let everything happen, in order, up to a time."""
        while self.todo and self.todo[0][0] <= until:
            self.now, _number, what = heapq.heappop(self.todo)
            what()

    def take_job(self, name: str, args: dict[str, int], delay: int) -> None:
        """Take a job from the core; it runs when it is due, as the job runner would run it."""
        if name in {jobs.LADDER_STEP, jobs.SEND_ALERT, jobs.KEEP_PROMISE, jobs.CHECK_PROMISE}:
            self.at(self.now + timedelta(seconds=delay), lambda: self._job(name, args, 1))

    def _job(self, name: str, args: dict[str, int], attempt: int) -> None:
        try:
            if name == jobs.SEND_ALERT:
                send_alert(self.service, self, args["alert_id"])
                return
            with transaction() as session:
                if name == jobs.LADDER_STEP:
                    ladder.take_step(session, self.service, args["handover_id"], args["step"])
                elif name == jobs.KEEP_PROMISE:
                    promises.keep_promise(session, self.service, args["handover_id"])
                else:
                    promises.check_promise(session, self.service, args["handover_id"])
        except TransientFailure:  # the queue tries again, later and later
            again = self.now + timedelta(seconds=2**attempt)
            self.at(again, lambda: self._job(name, args, attempt + 1))
            return
        if name == jobs.KEEP_PROMISE:
            self._check_promise(args["handover_id"])

    # The line (see helpline.ports.Line)

    def send_text(self, to: str, body: str, key: str, *, again: bool = False) -> str:
        """Text a worker who may or may not look at it."""
        del body, again
        self._reach(to, key, AlertWay.TEXT)
        return f"sim-{key}"

    def ring_worker(self, to: str, handover_id: int, key: str, *, again: bool = False) -> str:
        """Ring a worker, or the fallback number, which may or may not pick up."""
        del handover_id, again
        self._reach(to, key, AlertWay.CALL)
        return f"sim-{key}"

    def _reach(self, to: str, key: str, way: AlertWay) -> None:
        self.phones.check(to, self.now)
        handover_id = int(key.split(":")[1])
        worker_id = None if to == FALLBACK else self.phones.numbers[to]
        chance, minutes = FALLBACK_SEEN if worker_id is None else SEEN[way]
        if self.chance.random() < chance:
            wait = timedelta(minutes=minutes * self.chance.lognormvariate(0, 0.8))
            self.at(self.now + wait, lambda: self._acknowledge(handover_id, worker_id, way))

    # People

    def arrive(self, severity: Severity) -> None:
        """Let a family come with something of this severity."""
        with transaction() as session:
            conversation, _token = conversations.open_web(session, self.service)
            conversation.prison = self.chance.choice(PRISONS)
            said = add_message(session, conversation, Sender.FAMILY, "made up")
            if severity is Severity.NONE:
                raised = handover.request(
                    session,
                    self.service,
                    conversation,
                    reason=HandoverReason.ASKED_FOR_PERSON,
                    severity=severity,
                    now=self.now,
                )
            else:
                kind = self.chance.choice(list(ConcernKind))
                found = Screening((ConcernFound(kind, severity, ("simulated",)),), severity)
                raised = concerns.raise_concerns(
                    session, self.service, conversation, said, found, self.now
                )
            case = Case(severity, self.now, raised.promised_at, began=raised.ladder_due_at)
            self.cases[raised.id] = case
        self.waiting[raised.id] = None
        self._check_promise(raised.id)
        if severity is not Severity.NONE:
            self.at((case.began or self.now) + LATE, lambda: self._ask_why_late(raised.id))

    def _check_promise(self, handover_id: int) -> None:
        """Check a promise against the plan of the year, not against the rota's own code."""
        with transaction() as session:
            held = session.get_one(Handover, handover_id)
            if held.status is not HandoverStatus.REQUESTED:
                return
            worker, by, severity = held.worker_id, held.promised_at, held.severity
        self.promised += 1
        self.unnamed += worker is None
        self.outside += not self.year.there(severity, by)

    def _acknowledge(self, handover_id: int, worker_id: int | None, way: AlertWay) -> None:
        case = self.cases[handover_id]
        if case.acknowledged is not None:
            return
        case.acknowledged = self.now
        self.waiting.pop(handover_id)
        with transaction() as session:
            ladder.acknowledge(session, self.service, handover_id, worker_id, way)
            if worker_id is None:  # the fallback finds a duty lead, who takes over
                lead = select(Worker.id).where(Worker.duty_lead).order_by(Worker.id).limit(1)
                worker_id = session.scalars(lead).one()
        self._claim_when_free(handover_id, worker_id)

    def _claim_when_free(self, handover_id: int, worker_id: int) -> None:
        begins = max(self.now, self.free.get(worker_id, self.now)) + timedelta(minutes=1)
        ends = begins + timedelta(minutes=self.chance.uniform(*TALK_MINUTES))
        self.free[worker_id] = ends
        self.at(begins, lambda: self._claim(handover_id, worker_id))
        self.at(ends, lambda: self._close(handover_id, worker_id))

    def _claim(self, handover_id: int, worker_id: int) -> None:
        with transaction() as session:
            worker = session.get_one(Worker, worker_id)
            handover.claim(session, handover_id, worker.id, worker.name)
        self.cases[handover_id].claimed = self.now

    def _close(self, handover_id: int, worker_id: int) -> None:
        with transaction() as session:
            handover.close(session, handover_id, worker_id, "simulated")

    def fall_ill(self, worker_id: int, until: datetime) -> None:
        """Let somebody ring in sick: nobody knew before."""
        self.year.away[worker_id].append((self.now, until))
        with transaction() as session:
            session.add(
                Absence(
                    worker_id=worker_id, starts_at=self.now, ends_at=until, added_by="simulation"
                )
            )

    def look_at_the_desk(self, waited: timedelta) -> None:
        """Have whoever is on take up what has waited: alerts that nobody answered by phone."""
        waiting = [
            handover_id
            for handover_id in self.waiting
            if self.cases[handover_id].arrived < self.now - waited
        ]
        for handover_id in waiting:
            there = self.year.there(self.cases[handover_id].severity, self.now)
            idle = [w for w in there if self.free.get(w, self.now) <= self.now]
            if idle:
                self._acknowledge(handover_id, idle[0], AlertWay.DESK)

    def _ask_why_late(self, handover_id: int) -> None:
        case = self.cases[handover_id]
        if case.acknowledged is not None:
            return
        with transaction() as session:
            alerts = session.scalars(
                select(Alert).where(
                    Alert.handover_id == handover_id,
                    Alert.way != AlertWay.DESK,
                    Alert.kind != AlertKind.PROMISE_MISSED,
                )
            ).all()
        reached = [a for a in alerts if a.status in {AlertStatus.SENT, AlertStatus.DELIVERED}]
        if self.phones.is_down(self.now):
            case.late_because = "the carrier was down"
        elif not reached:
            case.late_because = "no phone could be reached"
        else:
            case.late_because = f"{min(len(reached), 4)} alerted or more, nobody answered"


def simulate(settings: Settings, arrivals: int, seed: int) -> tuple[Table, bool]:
    """Run the year in a database of its own; return the table and whether its floors are met."""
    logging.disable(logging.CRITICAL)
    started = stopwatch.monotonic()
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder) / "pg") as server:
        settings = settings.model_copy(
            update={"database_url": server.url(), "fallback_number": FALLBACK}
        )
        database.migrate(settings)
        service = build_service(settings)
        import_content(settings)
        simulation = _prepare(service, arrivals, seed)
        with running_on(lambda: simulation.now), jobs.taken_by(simulation.take_job):
            simulation.run(simulation.now + timedelta(days=DAYS + 14))
    logging.disable(logging.NOTSET)
    return _report(simulation, stopwatch.monotonic() - started)


def _prepare(service: Service, arrivals: int, seed: int) -> Simulation:
    chance = random.Random(seed)  # noqa: S311 - a simulation is repeatable
    start = datetime.combine(START, datetime.min.time(), UTC)
    with transaction() as session:
        session.execute(delete(Shift))
        session.execute(delete(Worker))
        # Nothing here outlives the run: no commit has to wait for the disk.
        session.execute(text("ALTER ROLE CURRENT_USER SET synchronous_commit = off"))
        year, phones = plan_year(session, service, chance, START, DAYS)
    configure(make_engine(service.settings.database_url))
    simulation = Simulation(service, chance, year, phones, start)
    for worker_id, begins, ends in year.sick:
        simulation.at(begins, functools.partial(simulation.fall_ill, worker_id, ends))
    kinds, weights = zip(*ARRIVALS, strict=True)
    for _arrival in range(arrivals):
        # Evenings, nights and weekends are most of a week, and families write then.
        when = start + timedelta(seconds=chance.uniform(0, DAYS * 86_400))
        (severity,) = chance.choices(kinds, weights)
        simulation.at(when, functools.partial(simulation.arrive, severity))
    for quarter in range(DAYS * 96):
        simulation.at(
            start + timedelta(minutes=15 * quarter),
            lambda: simulation.look_at_the_desk(timedelta(minutes=15)),
        )
    return simulation


def _report(simulation: Simulation, seconds: float) -> tuple[Table, bool]:
    cases = list(simulation.cases.values())
    kept = [case for case in cases if case.claimed and case.claimed <= case.first_promise]
    late = Counter(case.late_because for case in cases if case.late_because)
    grave = [case for case in cases if case.severity is not Severity.NONE]
    table = Table("Measure", "Result", title=f"{len(cases)} arrivals in a year ({seconds:.0f} s)")
    table.add_row("promises kept at the time first given", _share(len(kept), len(cases)))
    for severity in Severity:
        ours = [case for case in cases if case.severity is severity]
        table.add_row(f"  {severity}", _share(sum(c in kept for c in ours), len(ours)))
    table.add_row("promises given, moved ones too", str(simulation.promised))
    table.add_row("without a named worker (must be 0)", str(simulation.unnamed))
    table.add_row("for a time when nobody is there (must be 0)", str(simulation.outside))
    table.add_row(
        "concerns unacknowledged 20 minutes into the ladder", _share(late.total(), len(grave))
    )
    for reason, times in late.most_common():
        table.add_row(f"  {reason}", str(times))
    for severity in (Severity.IMMEDIATE, Severity.URGENT):
        waits = sorted(
            (case.acknowledged - (case.began or case.arrived)).total_seconds() / 60
            for case in cases
            if case.severity is severity and case.acknowledged is not None
        )
        if len(waits) > 1:
            p99 = statistics.quantiles(waits, n=100)[98]
            words = f"{statistics.median(waits):.1f}, {p99:.1f}, {waits[-1]:.0f} min"
            table.add_row(f"{severity}: to a human, median, p99, longest", words)
    unseen = sum(case.acknowledged is None for case in grave)
    table.add_row("concerns no human ever saw (must be 0)", str(unseen))
    return table, not (simulation.unnamed or simulation.outside or unseen)


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none"
