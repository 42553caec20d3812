"""A live server with its job runner, and Debian's chromium to visit it.

The database, the web process and the job runner are the real ones; only the assistant is made up,
so that no model has to be trained. Each runs in a process of its own and can be killed.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Route, expect

from app.postgres import embedded

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AWAY = "https://www.bbc.co.uk/weather"
START_SECONDS = 60
# Machines that run tests are busy; what must be fast is measured elsewhere.
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in this folder, so that it can be chosen or left out."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@dataclass
class Process:
    """One process of the helpline, which can be killed and started again."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it; nothing to do if it runs."""
        if self.process is None or self.process.poll() is not None:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(  # noqa: S603 - our own programs
                    self.command,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def kill(self) -> None:
        """End it and its children at once, as a crash would."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, 9)
            self.process.wait(10)


@dataclass
class Helpline:
    """The web process and the job runner."""

    url: str
    web: Process
    runner: Process

    def start(self) -> None:
        """Start what does not run, and return when it answers."""
        self.web.start()
        self.runner.start()
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if httpx.get(f"{self.url}/health/live", timeout=2).is_success:
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, self.web.log.read_text()[-2000:]
            time.sleep(0.1)

    def stop(self) -> None:
        """Kill both."""
        self.web.kill()
        self.runner.kill()


@pytest.fixture(scope="session")
def running(tmp_path_factory, project_root: Path) -> Iterator[Helpline]:
    """The whole helpline but Rasa, once for all journeys."""
    var = tmp_path_factory.mktemp("var")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if "HELPLINE" not in name},
        "HELPLINE_VAR_DIR": str(var),
        "PORT": str(port),
        "PYTHONPATH": os.pathsep.join([str(project_root), os.environ.get("PYTHONPATH", "")]),
        "PYTHONUNBUFFERED": "1",
    }
    environment.pop("DATABASE_URL", None)
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:app.gunicorn_conf"]
    runner = Path(__file__).parent / "runner_with_fake_assistant.py"
    helpline = Helpline(
        url=f"http://127.0.0.1:{port}",
        web=Process([*gunicorn, "app:create_app()"], environment, var / "web.log"),
        runner=Process([sys.executable, str(runner)], environment, var / "jobs.log"),
    )
    with embedded(var / "postgres"):
        subprocess.run(
            [sys.executable, "-m", "app", "prepare"], env=environment, check=True, cwd=project_root
        )
        try:
            helpline.start()
            yield helpline
        finally:
            helpline.stop()


@pytest.fixture
def helpline(running: Helpline) -> Helpline:
    """The helpline as a journey finds it: everything runs."""
    running.start()
    return running


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's chromium, never a downloaded browser."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail(
            "The browser tests need Debian's chromium, which is not installed here. Run "
            "`sh tools/install_chromium.sh` (it needs the right to install) and try again.",
            pytrace=False,
        )
    return {"executable_path": path, "args": FLAGS}


@pytest.fixture(scope="session")
def base_url(running: Helpline) -> str:
    """Where pages with a path alone are looked for."""
    return running.url


@pytest.fixture
def visit(new_context) -> Callable[..., BrowserContext]:
    """Give a fresh browser that can reach this machine and one made-up page to leave to."""

    def elsewhere(route: Route) -> None:
        if route.request.url.startswith(AWAY):
            route.fulfill(body="<title>Weather</title><h1>Weather</h1>", content_type="text/html")
        else:
            route.abort()

    def prepare(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.route(lambda url: not url.startswith("http://127.0.0.1:"), elsewhere)
        return context

    return prepare


@pytest.fixture
def context(visit) -> BrowserContext:
    """A fresh browser with JavaScript."""
    return visit()


@pytest.fixture
def chat(page: Page, helpline: Helpline) -> Page:
    """One tab on the start page."""
    page.goto(helpline.url)
    return page


@pytest.fixture
def say() -> Callable[[Page, str], None]:
    """Write a message and press Send."""

    def write(page: Page, text: str) -> None:
        page.get_by_role("textbox").fill(text)
        page.get_by_role("button", name="Send").click()

    return write


@pytest.fixture(scope="session")
def axe() -> Axe:
    """The accessibility check."""
    return Axe()
