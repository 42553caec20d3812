"""The launcher as a person uses it: real processes, a real port, and signals."""

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import psutil
import psycopg
import pytest

from app.environment import DATABASE
from app.postgres import EmbeddedPostgres, embedded
from app.supervisor import MARK

PATIENCE = 120


def free_port():
    """A port nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, what):
    """Wait for something that happens in another process."""
    deadline = time.monotonic() + PATIENCE
    while not (result := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE} s"
        time.sleep(0.1)
    return result


def alive(process):
    """Whether it still does something; one that is dead but not yet buried does not."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


class Installation:
    """One `var/` folder and port, and the run that uses them."""

    def __init__(self, root, folder):
        """Nothing runs yet."""
        self.root = root
        self.var = folder / "var"
        self.output = folder / "output"
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.run = None

    def start(self):
        """Start everything but the assistant, and wait for the first page."""
        with self.output.open("w") as output:
            self.run = subprocess.Popen(
                [sys.executable, "-m", "app", "run", "--only", "postgres,web,jobs"],
                cwd=self.root,
                env=os.environ | {"PORT": str(self.port), "HELPLINE_VAR_DIR": str(self.var)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        until(lambda: "Serving pages" in self.said(), "the first page")

    def answers(self):
        """Whether the pages are there."""
        try:
            return httpx.get(f"{self.base}/health/live", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def processes(self):
        """Every process of this installation but the launcher."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == str(self.var.resolve()):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def said(self):
        """Everything the launcher printed."""
        return self.output.read_text()


@pytest.fixture
def installation(project_root, tmp_path):
    """A fresh one, ended whatever the test did."""
    installation = Installation(project_root, tmp_path)
    yield installation
    if installation.run and installation.run.poll() is None:
        installation.run.send_signal(signal.SIGTERM)
        installation.run.wait(PATIENCE)
    for process in installation.processes():
        process.kill()


def test_a_run_serves_heals_and_leaves_nothing_behind(installation):
    """One life: it serves, brings back what dies, and SIGTERM ends it to the last process."""
    installation.start()
    until(lambda: "| Ready." in installation.said(), "the word that it is ready")
    assert f"Chat      {installation.base}/" in installation.said()
    names = {process.name() for process in installation.processes()}
    assert "postgres" in names

    for process in installation.processes():
        if "app.gunicorn_conf" in " ".join(process.cmdline()):
            process.kill()
    until(lambda: not installation.answers(), "the end of the pages")
    until(installation.answers, "their return")

    installation.run.send_signal(signal.SIGTERM)
    assert installation.run.wait(PATIENCE) == 0
    assert installation.processes() == []
    assert "Stopped. No process is left." in installation.said()


def test_a_case_survives_the_end_of_every_process_in_the_same_second(installation):
    """The power fails as the reply leaves; the next start knows the family and the promise."""
    installation.start()
    with httpx.Client(base_url=installation.base, trust_env=False) as family:
        conversation = family.post("/api/conversations").json()
        sent = family.post(
            f"/api/conversations/{conversation['id']}/messages",
            headers={"Authorization": f"Bearer {conversation['token']}"},
            json={
                "text": "my brother just said goodbye to me on the phone and gave his stuff away,"
                " hes in wandsworth",
                "client_id": "6e0b7f3c-3f6e-4f3a-9f43-0a4b8e0f8d11",
            },
        )
    everyone = [psutil.Process(installation.run.pid), *installation.processes()]
    for process in everyone:
        process.kill()
    until(lambda: not any(alive(process) for process in everyone), "the end of every process")
    assert sent.status_code == 202
    installation.run.wait(PATIENCE)

    with (
        embedded(installation.var / "postgres") as server,
        psycopg.connect(server.url(DATABASE)) as connection,
    ):
        handovers = connection.execute("SELECT severity, worker_name FROM handovers").fetchall()
        replies = connection.execute(
            "SELECT text FROM messages WHERE severity = 'immediate' AND sender = 'assistant'"
        ).fetchall()

    assert [severity for severity, _ in handovers] == ["immediate"]
    assert any(handovers[0][1] in text for (text,) in replies)


def test_a_start_after_sigkill_ends_the_orphans(installation):
    """Only the launcher was killed: its port, database and workers are still there."""
    installation.start()
    os.kill(installation.run.pid, signal.SIGKILL)
    installation.run.wait(PATIENCE)
    orphans = installation.processes()
    assert orphans

    installation.start()

    assert not any(alive(process) for process in orphans)
    assert EmbeddedPostgres(installation.var / "postgres").ready()


def test_a_taken_port_is_one_sentence(project_root, tmp_path):
    """Whoever starts the service twice reads what to do, not a traceback."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "app", "run"],
            cwd=project_root,
            env=os.environ | {"PORT": str(port), "HELPLINE_VAR_DIR": str(tmp_path / "var")},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    assert done.returncode == 1
    assert len((done.stdout + done.stderr).splitlines()) == 1
    assert f"Port {port} on 127.0.0.1 is taken" in done.stdout + done.stderr
