"""The processes of the service: what each runs, and how it is asked to stop."""

import os
import signal
import sys
from urllib.parse import urlsplit

from app.environment import server
from app.postgres import STOP_SECONDS, server_environment
from app.supervisor import Program
from helpline.settings import Settings

# In the order they are started. `--only` on the command line names them too.
NAMES = ("postgres", "web", "jobs", "phone", "actions", "rasa")


def environment(settings: Settings) -> dict[str, str]:
    """Return what our processes get: our own environment and what was decided at this start."""
    # Compiled modules lie in the project's own folders and halve the time to the first page.
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return inherited | {
        "HELPLINE_RASA_URL": settings.rasa_url,
        "HELPLINE_ACTIONS_URL": settings.actions_url,
        "HELPLINE_PRACTICE_PHONE_URL": settings.practice_phone_url,
        "HELPLINE_RASA_TIMEOUT_SECONDS": str(settings.rasa_timeout_seconds),
        "PYTHONUNBUFFERED": "1",
        # glibc would give each of many threads an arena of its own: memory for nothing.
        "MALLOC_ARENA_MAX": "2",
    }


def command(name: str, *arguments: str) -> list[str]:
    """Return `python -m app <name>` with this interpreter."""
    return [sys.executable, "-m", "app", name, *arguments]


def postgres(settings: Settings) -> Program:
    """Return the embedded server, in the foreground. Its folder must have been prepared."""
    embedded = server(settings)
    return Program(
        "postgres",
        embedded.command(),
        server_environment(),
        stop_signal=signal.SIGINT,  # "fast": end sessions, write everything, leave
        stop_seconds=STOP_SECONDS,
        account=embedded.account,
    )


def web(settings: Settings) -> Program:
    """Return gunicorn with the public pages, the API, health and metrics."""
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:app.gunicorn_conf"]
    return Program("web", [*gunicorn, "app:create_app()"], environment(settings))


def jobs(settings: Settings) -> Program:
    """Return the job runner; it may finish the answer it is writing."""
    return Program("jobs", command("jobs"), environment(settings), stop_seconds=12)


def phone(settings: Settings) -> Program:
    """Return the practice exchange, which plays the carrier in practice mode."""
    return Program("phone", command("phone"), environment(settings))


def actions(settings: Settings) -> Program:
    """Return rasa-sdk's action server, on loopback only."""
    return Program("actions", command("actions"), environment(settings))


def rasa(settings: Settings) -> Program:
    """Return Rasa with the newest model; the command turns itself into Rasa's own interpreter."""
    return Program("rasa", command("rasa"), environment(settings))


def step(name: str, settings: Settings, *arguments: str) -> Program:
    """Return a command of ours that runs once, before something else may start."""
    return Program(name, command(name, *arguments), environment(settings))


def port_of(url: str) -> int:
    """Return the port in an inner server's address."""
    return urlsplit(url).port or 80
