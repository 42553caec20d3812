"""`make bench`: how fast, how big, and how that compares with the plainest request of the same run.

Starts the whole service on a folder and ports of its own, trains it there, measures empty and with
STORED messages in the database, and stops it: some four minutes. Seconds differ between machines;
the ratios to the baseline (an empty request answered by the same web process) differ much less, so
compare those. Speech and texts: `make bench-telephony`.
"""

import contextlib
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from app.environment import DATABASE, server
from helpline.guide.prisons import find_prisons
from helpline.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 900
MEGABYTE = 1024 * 1024
LONG = (
    "hes been in a week and still not had his tablets, they wont talk to me at wandswroth " * 24
)[:2000]
STORED = 200_000  # messages, ten to a conversation: about two years of a small helpline
STORE = """
    INSERT INTO contacts (channel, created_at)
    SELECT 'web', now() FROM generate_series(1, %(talks)s);
    INSERT INTO conversations (public_id, key, contact_id, channel, status, practice, last_n,
                               last_message_at, opened_at)
    SELECT gen_random_uuid(), 'bench' || id, id, 'web', 'open', true, 10, now(), now()
    FROM contacts ORDER BY id DESC LIMIT %(talks)s;
    INSERT INTO messages (conversation_id, n, sender, channel, text, answered_at, sources, choices,
                          details, severity, created_at)
    SELECT c.id, n, CASE n %% 2 WHEN 1 THEN 'family' ELSE 'assistant' END, 'web',
           repeat('what the family wrote, or what came back. ', 8), now(), '[]', '[]', '{}', 'none',
           now() - interval '1 day' * random()
    FROM conversations c, generate_series(1, 10) n WHERE c.key LIKE 'bench%%';
"""
QUESTIONS = (
    "hes been in a week and still not had his epilepsy tablets, they wont talk to me",
    "who do I ring about my son, he sounds really low",
    "can they tell me anything about his health",
    "how do I complain about healthcare",
    "how do I see a doctor in there, he asked twice",
)


@dataclass(frozen=True)
class Service:
    """A running service of our own."""

    base: str
    launcher: psutil.Process
    folder: Path
    first_page: float
    ready: float
    training: float


def main() -> None:
    """Measure and print."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="bench") as folder, running(Path(folder)) as service:
        with httpx.Client(base_url=service.base, trust_env=False, timeout=60) as client:
            baseline = seconds(lambda: client.get("/health/live"), times=200)
            page = seconds(lambda: client.get("/"), times=50)
            accepted, answered = turns(client, times=40)
            memory_at_rest = memory(service)
            rate = answers_a_second(service.base, conversations=20)
            store(service)
            full_accepted, full_answered = turns(client, times=40)
        find_prisons(LONG)  # reads the contacts once
        searched = seconds(lambda: find_prisons(LONG), times=50)

        table = Table("Measure", "p50", "p95", "p99", "p50 / baseline")
        middle = statistics.median(baseline)
        for name, values in (
            ("empty request (baseline)", baseline),
            ("first page of the chat", page),
            ("message accepted (202)", accepted),
            ("message answered", answered),
            ("prisons looked for in 2,000 characters", searched),
            (f"accepted, {STORED:,} messages stored", full_accepted),
            (f"answered, {STORED:,} messages stored", full_answered),
        ):
            table.add_row(
                name,
                *(f"{quantile(values, share) * 1000:.1f} ms" for share in (0.5, 0.95, 0.99)),
                f"{statistics.median(values) / middle:.1f}",
            )
        console.print(table)
        console.print(f"Answers a second, 20 families at once: {rate:.1f}")
        console.print(
            f"First start: first page after {service.first_page:.1f} s, everything after "
            f"{service.ready:.1f} s, of which training {service.training:.0f} s"
        )
        sizes = Table("Process", "Resident", "Proportional", title="Memory at rest")
        total = tuple(sum(column) for column in zip(*memory_at_rest.values(), strict=True))
        for name, figures in (*memory_at_rest.items(), ("all", total)):
            sizes.add_row(name, *(f"{figure / MEGABYTE:.0f} MB" for figure in figures))
        console.print(sizes)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Service]:
    """Run everything until the block ends; SystemExit with the log's place if it does not start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "log"
    started = time.monotonic()
    with log.open("w") as output:
        run = subprocess.Popen(
            [sys.executable, "-m", "app", "run"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port), "HELPLINE_VAR_DIR": str(folder / "var")},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        base = f"http://127.0.0.1:{port}"
        first_page = wait(lambda: "Serving pages" in log.read_text(), run, log) - started
        ready = wait(lambda: "| Ready." in log.read_text(), run, log) - started
        trained = re.search(r"Training: done in (\d+) s", log.read_text())
        seconds = float(trained[1]) if trained else 0.0
        yield Service(base, psutil.Process(run.pid), folder, first_page, ready, seconds)
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait()


def wait(condition: Callable[[], bool], run: subprocess.Popen[bytes], log: Path) -> float:
    """Return when `condition` holds; give up when the launcher does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if run.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"The service did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)
    return time.monotonic()


def seconds(action: Callable[[], object], times: int) -> list[float]:
    """Return how long each of `times` runs took."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return taken


def turns(client: httpx.Client, times: int) -> tuple[list[float], list[float]]:
    """Return seconds to acceptance and to the answer, one question after another."""
    accepted, answered = [], []
    for number in range(times):
        to_accept, to_answer = turn(client, QUESTIONS[number % len(QUESTIONS)])
        accepted.append(to_accept)
        answered.append(to_answer)
    return accepted, answered


def turn(client: httpx.Client, text: str) -> tuple[float, float]:
    """Ask once in a conversation of its own; return seconds to acceptance and to the answer."""
    conversation = client.post("/api/conversations").raise_for_status().json()
    path = f"/api/conversations/{conversation['id']}/messages"
    token = {"Authorization": f"Bearer {conversation['token']}"}
    started = time.perf_counter()
    message = {"text": text, "client_id": str(uuid.uuid4())}
    client.post(path, json=message, headers=token).raise_for_status()
    accepted = time.perf_counter() - started
    known = len(conversation["messages"]) + 1
    while True:
        answer = client.get(path, params={"after": known}, headers=token)
        if answer.raise_for_status().json()["messages"]:
            return accepted, time.perf_counter() - started
        if time.perf_counter() - started > PATIENCE:
            sys.exit("A message was never answered.")
        time.sleep(0.005)


def store(service: Service) -> None:
    """Fill the database as years of use would."""
    settings = Settings(var_dir=service.folder / "var")
    with psycopg.connect(server(settings).url(DATABASE), autocommit=True) as connection:
        for statement in STORE.split(";\n")[:-1]:
            connection.execute(statement, {"talks": STORED // 10})
        connection.execute("ANALYZE")


def answers_a_second(base: str, conversations: int) -> float:
    """Return the rate at which that many families at once get their answers."""

    def ask(number: int) -> None:
        with httpx.Client(base_url=base, trust_env=False, timeout=60) as client:
            turn(client, QUESTIONS[number % len(QUESTIONS)])

    started = time.perf_counter()
    with ThreadPoolExecutor(conversations) as pool:
        list(pool.map(ask, range(conversations)))
    return conversations / (time.perf_counter() - started)


def memory(service: Service) -> dict[str, tuple[int, int]]:
    """Return resident and proportional bytes by process, children with their parent.

    Resident counts memory that processes share once for each; proportional divides it among them
    (Linux only; elsewhere it is the resident figure).
    """
    resident: Counter[str] = Counter()
    proportional: Counter[str] = Counter()
    for process in [service.launcher, *service.launcher.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            full = process.memory_full_info()
            resident[kind(process, service)] += full.rss
            proportional[kind(process, service)] += getattr(full, "pss", full.rss)
    return {name: (size, proportional[name]) for name, size in sorted(resident.items())}


def kind(process: psutil.Process, service: Service) -> str:
    """Name a process as the log does."""
    if process.pid == service.launcher.pid:
        return "launcher"
    line = " ".join(process.cmdline())
    for sign, name in (
        ("postgres", "postgres"),
        ("gunicorn", "web"),
        ("app jobs", "jobs"),
        ("app actions", "actions"),
        ("rasa", "rasa"),
    ):
        if sign in line:
            return name
    return "other"


def quantile(values: list[float], share: float) -> float:
    """Return the value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
