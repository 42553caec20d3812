"""The real assistant for tests: PostgreSQL, action server and Rasa, each started once a session."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic import command
from alembic.config import Config

from app.postgres import embedded
from app.training import rasa_command, rasa_environment, train_if_needed
from app.wiring import import_content
from bot.client import RasaAssistant
from helpline.db import configure, make_engine
from helpline.settings import PROJECT_ROOT, Settings

READY_SECONDS = 120


@contextmanager
def running(command_line: list[str], environment: dict[str, str], log: Path) -> Iterator[int]:
    """Run a process with its output in `log`; give its number; stop it and wait at the end."""
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - our own programs
            command_line,
            cwd=PROJECT_ROOT,
            env=os.environ | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(url: str, log: Path, **params: str) -> None:
    """Wait until `url` answers 200; fail with the end of the process's log when it never does."""
    ends = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends:
        try:
            if httpx.get(url, params=params, timeout=2, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    pytest.fail(f"{url} did not answer:\n{log.read_text()[-3000:]}")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def assistant_settings(
    make_settings: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings of a whole assistant on a database of its own, with the guide published."""
    with embedded(tmp_path_factory.mktemp("pg") / "data") as server:
        settings = make_settings(
            var_dir=Settings().var_dir,  # the model trained there is used again
            database_url=server.url(),
            rasa_url=f"http://127.0.0.1:{free_port()}",
            actions_url=f"http://127.0.0.1:{free_port()}",
        )
        config = Config(PROJECT_ROOT / "alembic.ini")
        config.attributes["url"] = settings.database_url
        command.upgrade(config, "head")
        engine = make_engine(settings.database_url)
        configure(engine)
        import_content(settings)
        yield settings
        engine.dispose()


@pytest.fixture(scope="session")
def action_server(
    assistant_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """Our action server in a process of its own: its `url`, process number and `log`."""
    log = tmp_path_factory.mktemp("actions") / "actions.log"
    environment = {
        "DATABASE_URL": assistant_settings.database_url,
        "HELPLINE_ACTIONS_URL": assistant_settings.actions_url,
    }
    with running([sys.executable, "-m", "app", "actions"], environment, log) as pid:
        wait_for(f"{assistant_settings.actions_url}/health", log)
        yield {"url": assistant_settings.actions_url, "pid": pid, "log": log}


@pytest.fixture(scope="session")
def rasa_server(
    assistant_settings: Settings,
    action_server: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Any]]:
    """Rasa with the trained model: its `url`, `token`, process number and `log`."""
    train_if_needed(assistant_settings)
    log = tmp_path_factory.mktemp("rasa") / "rasa.log"
    token = assistant_settings.rasa_token.get_secret_value()
    line, environment = rasa_command(assistant_settings), rasa_environment(assistant_settings)
    with running(line, environment, log) as pid:
        wait_for(f"{assistant_settings.rasa_url}/status", log, token=token)
        yield {"url": assistant_settings.rasa_url, "token": token, "pid": pid, "log": log}


@pytest.fixture(scope="session")
def rasa_assistant(
    assistant_settings: Settings, rasa_server: dict[str, Any]
) -> Iterator[RasaAssistant]:
    """The assistant that production uses, on those processes."""
    assistant = RasaAssistant(assistant_settings)
    yield assistant
    assistant.close()
