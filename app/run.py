"""`make run`: everything in order under one supervisor, until Ctrl-C or SIGTERM.

Pages, the safety path and people come first: web and job runner start before the assistant, and
serve while it trains or loads.
"""

import asyncio
import json
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from app import preflight, programs
from app.console import Console
from app.environment import DATABASE, server, uses_embedded_database
from app.postgres import Lock, PostgresError
from app.prepare import is_prepared
from app.supervisor import Supervisor
from helpline.settings import Settings

POLL_SECONDS = 0.2
DATABASE_SECONDS = 120
PAGES_SECONDS = 60
ASSISTANT_SECONDS = 300


class StartError(Exception):
    """Something did not come up; the text is one plain sentence."""


def run(settings: Settings, only: frozenset[str]) -> int:
    """Run the chosen processes (of `programs.NAMES`) until told to stop; return the exit code.

    Raises PreflightError, one sentence, when nothing can be started.
    """
    with Lock(settings.var_dir / "postgres") as lock:
        if not lock.take(alone=True):
            msg = f"On My Side already runs here, or a command is using {settings.var_dir}."
            raise preflight.PreflightError(msg)
        return asyncio.run(_run(settings, only))


async def _run(settings: Settings, only: frozenset[str]) -> int:
    console = Console(sys.stdout)
    supervisor = Supervisor(console, str(settings.var_dir.resolve()))
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    problem, launched = "", False
    try:
        await supervisor.open()
        launch = Launch(_check(settings, only), only, supervisor, console)
        launched = True
        started = asyncio.ensure_future(launch.start())
        stop = asyncio.ensure_future(told.wait())
        await asyncio.wait({started, stop}, return_when=asyncio.FIRST_COMPLETED)
        if started.done():
            started.result()
            await stop
        started.cancel()
        console.say("Stopping.")
    except StartError as error:
        problem = str(error)
    finally:
        await supervisor.stop(last=("postgres",))
        server(settings).tidy()
        if launched:
            console.say(problem or "Stopped. No process is left.")
        console.close()
    return 1 if problem else 0


def _check(settings: Settings, only: frozenset[str]) -> Settings:
    """Look before leaping; return the settings with inner ports that are free."""
    preflight.check_disk(settings.var_dir, preflight.NEEDED_TO_SERVE)
    if "web" in only:
        preflight.check_port(settings.bind, settings.port)
    if "rasa" in only:
        preflight.check_rasa_installed()
    inner = {"rasa": "rasa_url", "actions": "actions_url"}
    if settings.practice_mode:
        inner["phone"] = "practice_phone_url"
    free = {
        setting: preflight.free_url(settings, setting)
        for name, setting in inner.items()
        if name in only
    }
    return settings.model_copy(update=free)


class Launch:
    """One start: brings everything up in the order that serves a family soonest."""

    def __init__(
        self, settings: Settings, only: frozenset[str], supervisor: Supervisor, console: Console
    ) -> None:
        """Nothing starts until `start()`."""
        self._settings = settings
        self._only = only
        self._supervisor = supervisor
        self._console = console
        self._base = f"http://127.0.0.1:{settings.port}"

    async def start(self) -> None:
        """Start everything and say where it is. Raises StartError with one sentence."""
        await self._start_database()
        if not await asyncio.to_thread(is_prepared, self._settings):
            await self._prepare()
        await self._start_programs("web", "jobs")
        if self._settings.practice_mode:
            await self._start_programs("phone")
        if "web" in self._only:
            await _until(self._pages_answer, PAGES_SECONDS, "The web process")
            for warning in await asyncio.to_thread(_guide_warnings, self._settings):
                self._console.say(warning)
            loading = "; the assistant is loading" if "rasa" in self._only else ""
            self._say_where(f"Serving pages, the safety path and people{loading}.")
        await self._start_programs("actions")
        if "rasa" in self._only and not await self._start_assistant():
            return
        if "web" in self._only:
            down = await self._pieces_down()
            self._say_where(f"Still waiting for {', '.join(down)}." if down else "Ready.")

    async def _start_database(self) -> None:
        if "postgres" not in self._only or not uses_embedded_database(self._settings):
            return
        database = server(self._settings)
        try:
            await asyncio.to_thread(database.prepare)
        except PostgresError as error:
            raise StartError(str(error)) from error
        await self._supervisor.start(programs.postgres(self._settings))
        await _until(lambda: asyncio.to_thread(database.ready), DATABASE_SECONDS, "The database")
        await asyncio.to_thread(database.create, DATABASE)

    async def _prepare(self) -> None:
        if await self._supervisor.once(programs.step("prepare", self._settings)):
            msg = "The database or the guide could not be made ready; the reason is above."
            raise StartError(msg)

    async def _start_programs(self, *names: str) -> None:
        for name in names:
            if name in self._only:
                await self._supervisor.start(getattr(programs, name)(self._settings))

    async def _start_assistant(self) -> bool:
        """Train if the training data changed, then start Rasa; False when training failed."""
        if await self._supervisor.once(programs.step("train", self._settings, "--if-needed")):
            self._say_where("Training failed (above): families get fixed words and a person.")
            return False
        await self._start_programs("rasa")
        return True

    async def _pages_answer(self) -> bool:
        status, _ = await asyncio.to_thread(_get, f"{self._base}/health/live")
        return status == HTTPStatus.OK

    async def _pieces_down(self) -> list[str]:
        """Wait until every piece we started is up; return those still down after all."""
        ours = {"database"} | self._only
        down = ["web"]

        async def everything_is_up() -> bool:
            _, body = await asyncio.to_thread(_get, f"{self._base}/health/ready")
            if pieces := body.get("pieces"):
                down[:] = [n for n, state in pieces.items() if n in ours and state != "up"]
            return not down

        with suppress(StartError):
            await _until(everything_is_up, ASSISTANT_SECONDS, "The assistant")
        return down

    def _say_where(self, headline: str) -> None:
        self._console.say(headline)
        practice = " (practice sign-in on its first page)" if self._settings.practice_mode else ""
        self._console.say(f"  Chat      {self._base}/")
        self._console.say(f"  Desk      {self._base}/desk/{practice}")
        if self._settings.practice_mode and "phone" in self._only:
            self._console.say(f"  Phone     {self._base}/practice/phone/ (plays the carrier)")
        self._console.say(f"  API docs  {self._base}/api/docs")
        self._console.say(f"  Health    {self._base}/health/ready")


def _guide_warnings(settings: Settings) -> list[str]:
    from app.preflight_guide import guide_warnings  # noqa: PLC0415 - only once pages are served

    return guide_warnings(settings)


async def _until(condition: Callable[[], Awaitable[bool]], seconds: float, what: str) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not await condition():  # noqa: ASYNC110 - other processes send us no event
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError as error:
        msg = f"{what} did not come up within {seconds:.0f} s; the reason is above."
        raise StartError(msg) from error


def _get(url: str) -> tuple[int, dict[str, Any]]:
    """Fetch JSON from our own loopback; 0 and nothing when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - http, composed here
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error, suppress(ValueError):
            return error.code, json.load(error)
        return error.code, {}
    except (OSError, ValueError):
        return 0, {}
