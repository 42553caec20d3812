"""`make bench-telephony`: how soon Twilio has its answer, at 20 requests a second.

Starts pages and job runner on a folder and ports of their own, without Rasa (texts are taken and
voice turns are answered without it), and sends signed requests as Twilio does: texts, and turns of
calls. The aims of issue 6, on two cores: p95 at most 100 ms for a text, and 1 s for a voice turn.
Exit code 1 when one is missed.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from twilio.request_validator import RequestValidator

from app.environment import load_settings
from telephony.account import Account, account_of
from telephony.signature import SIGNATURE
from tools.bench import quantile

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120
RATE = 20
SECONDS = 20
WARM_UP = 3
AIMS = {"text taken": 0.1, "voice turn answered": 1.0, "call answered": 1.0}


def main() -> None:
    """Measure, print, and say whether the aims were met."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder, running(Path(folder)) as account:
        send_all(account, WARM_UP)
        taken = send_all(account, SECONDS)
    table = Table("Request", "n", "p50", "p95", "p99", "aim for p95", title=f"{RATE} a second")
    missed = []
    for name, values in taken.items():
        shares = [quantile(values, share) for share in (0.5, 0.95, 0.99)]
        shown = [f"{value * 1000:.0f} ms" for value in shares]
        table.add_row(name, str(len(values)), *shown, f"{AIMS[name] * 1000:.0f} ms")
        if shares[1] > AIMS[name]:
            missed.append(name)
    Console().print(table)
    if missed:
        sys.exit(f"Slower than the aim: {', '.join(missed)}.")


def send_all(account: Account, seconds: int) -> dict[str, list[float]]:
    """Send RATE requests a second, each from a thread of its own; return how long each took."""
    taken: dict[str, list[float]] = {name: [] for name in AIMS}
    threads = []
    client = httpx.Client(trust_env=False, timeout=30, limits=httpx.Limits(max_connections=100))
    started = time.perf_counter()
    for number in range(RATE * seconds):
        wait = started + number / RATE - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        action = text if number % 2 else call
        thread = threading.Thread(target=action, args=(client, account, taken))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    client.close()
    return taken


def text(client: httpx.Client, account: Account, taken: dict[str, list[float]]) -> None:
    """Send one text from a number of its own."""
    sid = uuid.uuid4().hex
    number = f"+4477009{int(sid[:8], 16) % 100000:05d}"
    form = {"From": number, "MessageSid": f"SM{sid}", "Body": "he has not had his tablets"}
    taken["text taken"].append(post(client, account, "/telephony/sms", form))


def call(client: httpx.Client, account: Account, taken: dict[str, list[float]]) -> None:
    """Ring and say one thing."""
    form = {"CallSid": f"CA{uuid.uuid4().hex}", "From": "anonymous", "To": account.number}
    taken["call answered"].append(post(client, account, "/telephony/voice", form))
    said = {**form, "SpeechResult": "he has not had his tablets", "Confidence": "0.9"}
    path = "/telephony/voice/turn?after=1&step=1"
    taken["voice turn answered"].append(post(client, account, path, said))


def post(client: httpx.Client, account: Account, path: str, form: dict[str, str]) -> float:
    """Send one signed request; return the seconds until its answer. It must be a success."""
    form = {"AccountSid": account.sid, **form}
    url = account.public_base + path
    signature = RequestValidator(account.token).compute_signature(url, form)
    started = time.perf_counter()
    client.post(url, data=form, headers={SIGNATURE: signature}).raise_for_status()
    return time.perf_counter() - started


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Account]:
    """Run database, pages and job runner until the block ends; give the account to sign with."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {"PORT": str(port), "HELPLINE_VAR_DIR": str(folder / "var")}
    os.environ.update(own)
    log = folder / "log"
    with log.open("w") as output:
        run = subprocess.Popen(
            [sys.executable, "-m", "app", "run", "--only", "postgres,web,jobs,phone"],
            cwd=ROOT,
            env=os.environ | own,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while "Serving pages" not in log.read_text():
            if run.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"The service did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        account = account_of(load_settings())
        if account is None or not account.practice:
            sys.exit("Take Twilio's settings away first: this measures practice mode.")
        yield account
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait()


if __name__ == "__main__":
    main()
