"""`make bench`: how fast, how big, and how that compares with the plainest request of the same run.

Starts the whole service on a folder and ports of its own, measures, and stops it. Seconds differ
between machines; the ratios to the baseline (an empty request answered by the same web process)
differ much less, so compare those.
"""

import contextlib
import os
import shutil
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
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 900
MEGABYTE = 1024 * 1024
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
    first_page: float
    ready: float


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

        table = Table("Measure", "p50", "p95", "p99", "p50 / baseline")
        middle = statistics.median(baseline)
        for name, values in (
            ("empty request (baseline)", baseline),
            ("first page of the chat", page),
            ("message accepted (202)", accepted),
            ("message answered", answered),
        ):
            table.add_row(
                name,
                *(f"{quantile(values, share) * 1000:.1f} ms" for share in (0.5, 0.95, 0.99)),
                f"{statistics.median(values) / middle:.1f}",
            )
        console.print(table)
        console.print(f"Answers a second, 20 families at once: {rate:.1f}")
        console.print(
            f"First page after {service.first_page:.1f} s, everything after {service.ready:.1f} s "
            "(first start of this folder; training only if the data changed)"
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
    for kept in ("models", "cache"):  # so that training is measured only when it is needed
        if (ROOT / "var" / kept).exists():
            shutil.copytree(ROOT / "var" / kept, folder / "var" / kept)
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
        yield Service(base, psutil.Process(run.pid), first_page, ready)
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
