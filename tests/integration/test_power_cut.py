"""The power goes in the very second a family was answered: the case is on disk."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import text

from app.environment import DATABASE
from app.postgres import embedded
from helpline.db import make_engine

GOODBYE = (
    "my brother just said goodbye to me on the phone and gave his stuff away, hes in wandsworth"
)
START_SECONDS = 60


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def service_process(tmp_path: Path, project_root: Path):
    """The whole service without Rasa, in a folder of its own, and its address."""
    port = free_port()
    environment = os.environ | {
        "PORT": str(port),
        "HELPLINE_VAR_DIR": str(tmp_path / "var"),
        "DATABASE_URL": "",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "run", "--only", "postgres,web,jobs"],
        cwd=project_root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    base = f"http://127.0.0.1:{port}"
    wait_until_alive(base, process)
    yield process, base
    kill_everything(process)


def wait_until_alive(base: str, process: subprocess.Popen) -> None:
    """Return once pages answer; fail with the exit code if the service ends first."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if httpx.get(f"{base}/health/live").is_success:
                return
        if process.poll() is not None:
            pytest.fail(f"the service ended with exit code {process.returncode}")
        time.sleep(0.1)
    pytest.fail("the service did not start")


def kill_everything(process: subprocess.Popen) -> None:
    """SIGKILL to the launcher and every descendant at once, PostgreSQL included."""
    with suppress(psutil.NoSuchProcess):
        family = [
            psutil.Process(process.pid),
            *psutil.Process(process.pid).children(recursive=True),
        ]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=10)
    process.wait()


def test_the_case_survives_kill_nine_of_everything(service_process, tmp_path: Path) -> None:
    """What the family read (a worker's name and a time) is in the database afterwards."""
    process, base = service_process
    opened = httpx.post(f"{base}/api/conversations").json()
    where = f"{base}/api/conversations/{opened['id']}/messages"
    bearer = {"Authorization": f"Bearer {opened['token']}"}
    sent = httpx.post(
        where,
        headers=bearer,
        json={"text": GOODBYE, "client_id": "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"},
    )
    told = httpx.get(where, headers=bearer).json()["messages"][-1]
    kill_everything(process)

    assert sent.status_code == httpx.codes.ACCEPTED
    assert told["severity"] == "immediate"
    with embedded(tmp_path / "var" / "postgres") as server:
        engine = make_engine(server.url(DATABASE))
        with engine.connect() as connection:
            handover = connection.execute(
                text("SELECT worker_name, severity, promised_at FROM handovers")
            ).one()
            texts = connection.scalars(text("SELECT text FROM messages ORDER BY n")).all()
            concerns = connection.scalar(text("SELECT count(*) FROM concerns"))
            trail = connection.scalars(text("SELECT action FROM audit_entries")).all()
            jobs = connection.scalars(
                text("SELECT task_name FROM procrastinate_jobs WHERE status <> 'succeeded'")
            ).all()
        engine.dispose()
    assert GOODBYE in texts
    assert told["text"] in texts
    assert handover.worker_name in told["text"]
    assert handover.severity == "immediate"
    assert concerns >= 1
    assert {"concern_raised", "handover_requested"} <= set(trail)
    assert "keep_promise" in jobs
