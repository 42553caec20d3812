"""The supervisor on small programs: what we ask of circus and what we added to it."""

import asyncio
import io
import os
import subprocess
import sys
import time

import psutil
import pytest

from app.console import Console
from app.supervisor import MARK, Program, Supervisor


@pytest.fixture
def run_id(tmp_path):
    """A mark that no other process carries; anything still marked at the end is killed."""
    mark = str(tmp_path)
    yield mark
    for process in marked(mark):
        process.kill()


def marked(mark):
    """Return the living processes under a mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def supervise(run_id, scenario):
    """Run a scenario, an async function of the supervisor, and return what was printed."""
    out = io.StringIO()

    async def main():
        console = Console(out)
        supervisor = Supervisor(console, run_id)
        await supervisor.open()
        try:
            await scenario(supervisor)
        finally:
            await supervisor.stop(last=("last",))
            console.close()

    asyncio.run(main())
    return out.getvalue()


def shell(name, script, **options):
    """A program that is a line of shell."""
    return Program(name, ["/bin/sh", "-c", script], dict(os.environ), **options)


def test_what_keeps_dying_is_started_ever_more_slowly(run_id):
    """A broken program neither stays away nor eats the machine."""

    async def scenario(supervisor):
        await supervisor.start(shell("broken", "echo up; exit 3"))
        await asyncio.sleep(4.5)

    said = supervise(run_id, scenario)

    assert "broken ended by itself (exit code 3); starting it in 1 s" in said
    assert "starting it in 2 s" in said
    assert said.count("| up") == 3


def test_grandchildren_and_the_stubborn_are_ended(run_id):
    """Neither a process in a session of its own nor one deaf to SIGTERM survives a stop."""
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf'); time.sleep(99)"

    async def scenario(supervisor):
        away = f"'{sys.executable}' -c 'import os, time; os.setsid(); time.sleep(98)'"
        await supervisor.start(shell("parent", f"{away} & sleep 99"))
        await supervisor.start(
            Program("deaf", [sys.executable, "-uc", deaf], dict(os.environ), stop_seconds=0.5)
        )
        await asyncio.sleep(1)
        assert len(marked(run_id)) >= 3

    supervise(run_id, scenario)

    assert marked(run_id) == []


def test_the_database_outlives_those_that_use_it(run_id, tmp_path):
    """What is named last is stopped last."""
    trace = tmp_path / "trace"
    script = f"trap 'echo %s >> {trace}; exit' TERM; while :; do sleep 0.05; done"

    async def scenario(supervisor):
        await supervisor.start(shell("last", script % "last"))
        await supervisor.start(shell("first", f"trap 'sleep 0.5; echo first >> {trace}; exit' TERM;"
                                     " while :; do sleep 0.05; done"))  # fmt: skip
        await asyncio.sleep(0.5)

    supervise(run_id, scenario)

    assert trace.read_text().split() == ["first", "last"]


def test_a_step_gives_its_exit_code_and_its_words(run_id):
    """A migration that fails stops the start, and its reason is in the log."""
    codes = []

    async def scenario(supervisor):
        codes.append(await supervisor.once(shell("step", "echo why >&2; exit 7")))

    said = supervise(run_id, scenario)

    assert codes == [7]
    assert "step      | why" in said


def test_orphans_of_a_killed_run_are_ended_first(run_id):
    """The next start does not find its port and its database taken."""
    started = subprocess.run(
        ["/bin/sh", "-c", "sleep 99 >/dev/null 2>&1 & echo $!"],
        env=os.environ | {MARK: run_id},
        stdout=subprocess.PIPE,
        check=True,
    )
    orphan = psutil.Process(int(started.stdout))

    async def scenario(_):
        assert not orphan.is_running()

    said = supervise(run_id, scenario)

    assert "left behind by a run that was killed" in said


def test_nobody_else_can_command_it(run_id):
    """Circus's control socket, which can run any program, is on no port."""
    before = {c.laddr for c in psutil.Process().net_connections(kind="inet")}

    async def scenario(_):
        await asyncio.sleep(0)
        opened = {c.laddr for c in psutil.Process().net_connections(kind="inet")} - before
        assert opened == set()

    started = time.monotonic()
    supervise(run_id, scenario)
    assert time.monotonic() - started < 10
