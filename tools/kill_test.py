"""`make test-kills`: kill the processes at marked points and random times, and look what is lost.

    python tools/kill_test.py --kills 500 --seed 1

Families write by web and by text while the web process and the job runner are killed (SIGKILL),
turn by turn, at each point of kill_points.py and at random times. Whoever gets no answer writes the
same again, as a page does. At the end everything is started once more and left in peace; then

- every message that was sent is stored once, and every danger in one has its concern, handover,
  record and safety reply;
- no step of a ladder is missing and none was taken twice; each alert and each text to a family was
  taken by the carrier exactly once;
- everything that a family was shown, or texted, is on disk as it was said.

Prints what was killed where, and exits with 1 when anything is not so.
"""

import argparse
import datetime as dt
import itertools
import json
import logging
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cryptography.fernet import Fernet  # noqa: E402 - the path comes first
from kill_points import POINTS, Point  # noqa: E402
from kill_world import STEPS, Saying, World, is_quiet, kill, make_service  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402
from sqlalchemy import text  # noqa: E402

from app import database  # noqa: E402
from app.postgres import embedded  # noqa: E402
from app.wiring import build_service, import_content  # noqa: E402
from helpline import workers  # noqa: E402
from helpline.db import transaction  # noqa: E402
from helpline.enums import AlertWay, ShiftCover  # noqa: E402
from helpline.models import Shift, Worker  # noqa: E402
from helpline.service import Service  # noqa: E402
from helpline.settings import Settings  # noqa: E402

DANGER = (
    "he has a rope and says he will end it tonight, hes in wandsworth",
    "hes collapsed and cant breathe they wont come",
    "she said goodbye and gave all her things away",
)
PLAIN = ("how do i book a visit", "can i send him books", "what is canteen")
WAIT_FOR_DEATH = 3.0  # seconds; a process that has not come to its point by then is killed anyway
SETTLE = 240.0
MIDNIGHT = dt.time(0)


def main() -> int:
    """Run as many kills as asked and judge what is left."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    asked.add_argument("--kills", type=int, default=500)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    logging.disable(logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and what it started is stopped
    chance = random.Random(options.seed)  # noqa: S311 - which process dies next is no secret
    console = Console(soft_wrap=True)
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder) / "pg") as server:
        world = _make_world(server.url(), Path(folder))
        world.start_carrier()
        try:
            started = time.monotonic()
            killed, sent = _kill_again_and_again(world, chance, options.kills)
            settled = _settle(world)
        finally:
            world.stop()
        table = Table("Killed", "Times")
        for place, times in sorted(killed.items()):
            table.add_row(place, str(times))
        console.print(table)
        problems = [] if settled else [f"work was still open after {SETTLE:.0f} seconds"]
        problems += _find_problems(world, sent)
        taken = sum(_taken(world).values())
        console.print(
            f"{killed.total()} kills in {time.monotonic() - started:.0f} seconds, at "
            f"{len(killed)} places. {len(sent)} messages; the carrier took {taken} texts and calls."
        )
    for problem in problems:
        console.print(f"PROBLEM: {problem}")
    console.print(
        "Something was lost, doubled or made up."
        if problems
        else "No concern lost, no alert doubled or missing, nothing told that is not on disk."
    )
    return 1 if problems else 0


def _make_world(url: str, folder: Path) -> World:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(
        _env_file=None,
        database_url=url,
        var_dir=folder / "var",
        secret_key="for this test only",  # noqa: S106 - made up
        contact_hmac_key="for this test only",
        contact_encryption_key=Fernet.generate_key().decode(),
        twilio_api_base_url=f"http://127.0.0.1:{port}",
        fallback_number="+442079460999",
    )
    database.migrate(settings)
    service = _service_with_people(settings)
    log = folder / "carrier.jsonl"
    log.touch()
    return World(settings, service, log)


def _service_with_people(settings: Settings) -> Service:
    """Import the guide, put three people on at all hours, and read everything once."""
    service = build_service(settings)
    import_content(settings)
    with transaction() as session:
        session.execute(text("DELETE FROM shifts"))
        session.execute(text("DELETE FROM workers"))
        for number, (name, way, lead) in enumerate(
            (
                ("Ann", AlertWay.TEXT, False),
                ("Ben", AlertWay.CALL, False),
                ("Lee", AlertWay.TEXT, True),
            )
        ):
            worker = Worker(name=name, alert_by=way, duty_lead=lead)
            session.add(worker)
            session.flush()
            workers.set_phone(session, service.book, worker, f"+44770090010{number}", "test")
            session.add_all(
                Shift(
                    worker=worker,
                    weekday=day,
                    starts=MIDNIGHT,
                    ends=MIDNIGHT,
                    cover=ShiftCover.ALL,
                    bank_holidays=True,
                )
                for day in range(7)
            )
    return make_service(settings)


def _kill_again_and_again(
    world: World, chance: random.Random, kills: int
) -> tuple[Counter[str], list[Saying]]:
    killed: Counter[str] = Counter()
    sent: list[Saying] = []
    turn = itertools.cycle([*POINTS, *[None] * (len(POINTS) // 2)])
    world.start_web()
    world.start_jobs()
    while killed.total() < kills:
        point = next(turn)
        victim = point.process if point else chance.choice(("web", "jobs"))
        _restart(world, victim, point, chance.choice((1, 1, 1, 2)))
        saying = _next_saying(chance, sent, danger=point is not None)
        sent.append(saying)
        if point is None:
            _kill_at_random(world, victim, saying, chance)
            killed[f"{victim}: at a random time"] += 1
        else:
            killed[_kill_at(world, point, saying)] += 1
    return killed, sent


def _restart(world: World, victim: str, point: Point | None, nth: int) -> None:
    if victim == "web":
        if world.web is not None:
            kill(world.web.process)
        world.start_web(point, nth)
    elif not (world.web is not None and world.web.is_alive()):
        world.start_web()
    if victim == "jobs":
        kill(world.jobs)
        world.start_jobs(point, nth)
    elif not world.jobs.is_alive():
        world.start_jobs()


def _say_until_heard(world: World, saying: Saying) -> bool:
    """Send it again until there is an answer; say whether the first try died over it."""
    died = not world.say(saying)
    if died:
        world.start_web()
        while not world.say(saying):
            world.start_web()
    return died


def _kill_at_random(world: World, victim: str, saying: Saying, chance: random.Random) -> None:
    """Kill it a moment after a message was handed in, whatever it is doing then."""
    if victim == "web":
        assert world.web is not None  # noqa: S101 - just started
        world.web.hand_in(saying)
        time.sleep(chance.uniform(0, 0.15))
        kill(world.web.process)
        world.start_web()
        _say_until_heard(world, saying)
    else:
        _say_until_heard(world, saying)
        time.sleep(chance.uniform(0, 1))
        kill(world.jobs)


def _kill_at(world: World, point: Point, saying: Saying) -> str:
    """Return where it died: at its point, or by our hand because it never came there."""
    died = _say_until_heard(world, saying)
    if point.process == "jobs":
        world.jobs.join(WAIT_FOR_DEATH)
        died = not world.jobs.is_alive()
        if not died:
            kill(world.jobs)
    elif not died and world.web is not None:
        kill(world.web.process)
    return f"{point}" if died else f"{point.process}: at a random time"


def _next_saying(chance: random.Random, sent: list[Saying], *, danger: bool) -> Saying:
    words = chance.choice(DANGER if danger or chance.random() < 0.5 else PLAIN)  # noqa: PLR2004
    number = len(sent)
    one_id = UUID(int=chance.getrandbits(128), version=4)
    if sent and chance.random() < 0.3:  # noqa: PLR2004 - somebody who wrote before
        talk = chance.choice(sent)
        return Saying(talk.channel, talk.talk, _id(talk.channel, one_id), words)
    if chance.random() < 0.5:  # noqa: PLR2004 - half by web, half by text
        start = UUID(int=chance.getrandbits(128), version=4)
        return Saying("web", str(start), _id("web", one_id), words)
    return Saying("sms", f"+447700{900000 + 200 + number % 700}", _id("sms", one_id), words)


def _id(channel: str, one: UUID) -> str:
    return str(one) if channel == "web" else f"SM{one.hex}"


def _settle(world: World) -> bool:
    """Start everything once more and wait until nothing that is due is left."""
    for process in (world.web.process if world.web else None, world.jobs):
        if process is not None:
            kill(process)
    world.start_jobs()
    end = time.monotonic() + SETTLE
    quiet = 0
    while time.monotonic() < end:
        quiet = quiet + 1 if is_quiet() else 0
        if quiet >= 3:  # noqa: PLR2004 - not just between two jobs
            return True
        time.sleep(1)
    return False


def _taken(world: World) -> Counter[str]:
    """Return how often the carrier took a text or call, by key."""
    lines = world.carrier_log.read_text(encoding="utf-8").splitlines()
    return Counter(json.loads(line)["key"] for line in lines)


def _find_problems(world: World, sent: list[Saying]) -> list[str]:
    problems: list[str] = []
    with transaction() as session:

        def rows(query: str, **values: object) -> list[tuple]:
            return [tuple(row) for row in session.execute(text(query), values)]

        stored = Counter(
            str(row[0])
            for row in rows(
                "SELECT coalesce(client_id::text, provider_sid) FROM messages "
                "WHERE sender = 'family'"
            )
        )
        problems += [
            f"message {one.id} is stored {stored[one.id]} times"
            for one in sent
            if stored[one.id] != 1
        ]
        dangers = {one.id for one in sent if one.words in DANGER}
        whole = {
            str(row[0])
            for row in rows(
                """
                SELECT coalesce(m.client_id::text, m.provider_sid) FROM messages m
                WHERE EXISTS (SELECT FROM concerns c JOIN handovers h ON h.id = c.handover_id
                              JOIN record_entries r ON r.handover_id = h.id AND r.kind = 'opened'
                                AND (r.fields ->> 'message_id')::bigint = m.id
                              WHERE c.message_id = m.id)
                AND EXISTS (SELECT FROM messages reply WHERE reply.in_reply_to_id = m.id
                            AND reply.details ->> 'kind' = 'safety')
                """
            )
        }
        problems += [f"danger in {one} has no concern, record or reply" for one in dangers - whole]
        unanswered = rows("SELECT id FROM messages WHERE sender = 'family' AND answered_at IS NULL")
        problems += [f"message {row[0]} was never answered" for row in unanswered]
        for handover_id, taken, steps in rows(
            """
            SELECT h.id, h.ladder_step, array_agg(DISTINCT a.step ORDER BY a.step)
            FROM handovers h LEFT JOIN alerts a ON a.handover_id = h.id AND a.step > 0
            WHERE h.severity <> 'none' GROUP BY h.id
            """
        ):
            if list(steps) != list(range(1, taken + 1)) or taken < len(STEPS):
                problems.append(f"handover {handover_id}: steps {steps}, {taken} taken")
        told = dict(rows("SELECT id, text FROM messages"))
        problems += [
            f"a family was shown message {n}, which is not on disk as it was said"
            for n, words in set(world.told)
            if told.get(n) != words
        ]
        due = {row[0] for row in rows("SELECT key FROM alerts WHERE way <> 'desk'")}
        due |= {
            f"text-{row[0]}"
            for row in rows("SELECT id FROM text_deliveries WHERE status IN ('sent', 'delivered')")
        }
    keys = _taken(world)
    problems += [f"{key} was taken {times} times" for key, times in keys.items() if times != 1]
    problems += [f"{key} never left" for key in due - set(keys)]
    problems += [f"{key} left and is not on disk" for key in set(keys) - due]
    return problems


if __name__ == "__main__":
    sys.exit(main())
