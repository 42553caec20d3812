"""All processes under one supervisor: circus, with an order, a back-off and an end (ADR 0006).

circus starts, watches, restarts and stops processes and carries their output. Added here:
PostgreSQL is stopped after those that use it; what keeps dying is restarted more and more slowly;
and nothing is left behind, not a grandchild, not an orphan of a run that was killed.
"""

import asyncio
import itertools
import os
import pwd
import shlex
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
from circus.arbiter import Arbiter
from circus.watcher import Watcher
from tornado.ioloop import IOLoop

from app.console import Console

# In the environment of every process of a run and of all they start, so that none is lost.
MARK = "ON_MY_SIDE_RUN"
CHECK_SECONDS = 0.25
FIRST_WAIT_SECONDS = 1
LONGEST_WAIT_SECONDS = 30
ORPHAN_SECONDS = 5
STEADY_SECONDS = 60  # having run this long, a process starts with a clean record


@dataclass(frozen=True)
class Program:
    """One process to keep running, or to run once."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10
    account: pwd.struct_passwd | None = None


class _OwnChildren(Arbiter):
    """circus's arbiter, reaping its own children only, so that asyncio can wait for the others."""

    def reap_processes(self) -> None:
        for watcher in self.iter_watchers():
            for pid in list(watcher.processes):
                with suppress(ChildProcessError):
                    ended, status = os.waitpid(pid, os.WNOHANG)
                    if ended:
                        watcher.reap_process(pid, status)


class Supervisor:
    """Runs programs in the event loop it is made in. `stop()` leaves no process behind."""

    def __init__(self, console: Console, run_id: str) -> None:
        """`run_id` marks this installation's processes: the path of its `var/`."""
        self._console = console
        self._run_id = run_id
        self._failures: Counter[str] = Counter()
        self._started_at: dict[str, float] = {}
        self._steps: set[int] = set()
        # No control socket: circus's own takes commands from any account on the machine.
        self._arbiter = _OwnChildren(
            [],
            endpoint="inproc://control",
            pubsub_endpoint="inproc://events",
            check_delay=CHECK_SECONDS,
            loop=IOLoop.current(),
        )
        self._arbiter.ctrl.sys_hdl.stop()  # signals are the caller's

    async def open(self) -> None:
        """Begin to watch. End what a killed run left behind."""
        if left := self._marked():
            self._console.say(f"Ending {len(left)} processes left behind by a run that was killed")
            await self._end_marked()
        await self._arbiter.start()

    async def start(self, program: Program) -> None:
        """Start a program and keep it running."""
        account = program.account
        watcher = Watcher(
            program.name,
            shlex.quote(program.command[0]),
            args=list(program.command[1:]),
            env=dict(program.environment) | {MARK: self._run_id},
            uid=account.pw_uid if account else None,
            gid=account.pw_gid if account else None,
            stop_signal=program.stop_signal,
            graceful_timeout=program.stop_seconds,
            stdout_stream={"stream": self._console.source(program.name)},
            stderr_stream={"stream": self._console.source(program.name)},
            hooks={"after_spawn": (self._started, True), "after_reap": (self._ended, True)},
            loop=self._arbiter.loop,
        )
        watcher.initialize(self._arbiter.evpub_socket, self._arbiter.sockets, self._arbiter)
        self._arbiter.watchers.append(watcher)
        # The public start() and stop() refuse while circus is looking round, four times a second.
        await watcher._start()  # noqa: SLF001

    async def once(self, program: Program) -> int:
        """Run a program to its end, its output in the log, and return its exit code."""
        source = self._console.source(program.name)
        process = await asyncio.create_subprocess_exec(
            *program.command,
            env=dict(program.environment) | {MARK: self._run_id},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        self._steps.add(process.pid)
        while process.stdout and (data := await process.stdout.read(4096)):
            source({"pid": process.pid, "name": "stdout", "data": data})
        source({"pid": process.pid, "name": "stdout", "data": b"\n"})
        exit_code = await process.wait()
        self._steps.discard(process.pid)
        return exit_code

    async def stop(self, last: Sequence[str] = ()) -> None:
        """Stop everything, the programs named in `last` after the others."""
        self._arbiter._stopping = True  # noqa: SLF001 - or circus would go on restarting meanwhile
        for pid in self._steps:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGTERM)
        by_order = sorted(self._arbiter.watchers, key=lambda watcher: watcher.name in last)
        for _, group in itertools.groupby(by_order, key=lambda watcher: watcher.name in last):
            await asyncio.gather(*(watcher._stop() for watcher in group))  # noqa: SLF001 - as above
        await self._end_marked()
        await self._arbiter.stop()

    def _started(self, *, watcher: Watcher, **_: object) -> bool:
        self._started_at[watcher.name] = time.monotonic()
        return True

    def _ended(self, *, watcher: Watcher, exit_code: int | None = None, **_: object) -> bool:
        """Start a process that ended by itself again: at once the first time, then ever later."""
        if self._arbiter._stopping or watcher.is_stopping():  # noqa: SLF001
            return True
        name = watcher.name
        if time.monotonic() - self._started_at[name] > STEADY_SECONDS:
            self._failures[name] = 0
        wait = min(FIRST_WAIT_SECONDS * 2 ** self._failures[name], LONGEST_WAIT_SECONDS)
        self._failures[name] += 1
        self._console.say(f"{name} ended by itself ({_why(exit_code)}); starting it in {wait} s")
        watcher.respawn = False  # circus now takes the watcher for stopped, until we start it
        self._arbiter.loop.call_later(wait, self._again, watcher)
        return True

    async def _again(self, watcher: Watcher) -> None:
        if not self._arbiter._stopping:  # noqa: SLF001
            watcher.respawn = True
            await watcher._start()  # noqa: SLF001

    def _marked(self) -> list[psutil.Process]:
        """Return every living process of this installation's runs but this one."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.pid != os.getpid() and process.environ().get(MARK) == self._run_id:
                    found.append(process)
        return found

    async def _end_marked(self) -> None:
        """End whatever still runs under our mark: first asked, then killed."""
        marked = self._marked()
        for process in marked:
            with suppress(psutil.Error):
                # To PostgreSQL SIGTERM means "when the last client has left".
                process.send_signal(
                    signal.SIGINT if process.name() == "postgres" else signal.SIGTERM
                )
        _, alive = await asyncio.to_thread(psutil.wait_procs, marked, timeout=ORPHAN_SECONDS)
        for process in alive:
            with suppress(psutil.Error):
                process.kill()
        await asyncio.to_thread(psutil.wait_procs, alive, timeout=ORPHAN_SECONDS)


def _why(exit_code: int | None) -> str:
    if exit_code is None:
        return "no exit code"
    if exit_code < 0:
        return signal.Signals(-exit_code).name
    return f"exit code {exit_code}"
