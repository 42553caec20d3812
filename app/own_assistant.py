"""An assistant of one's own for a command or a test: action server and Rasa on free ports.

What it hears is kept in memory only and is gone with it; the running service is not touched.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from app import programs
from app.preflight import free_port
from app.training import rasa_command, rasa_environment
from helpline.errors import TransientFailure
from helpline.settings import Settings

START_SECONDS = 180
TURN_SECONDS = 30.0  # a measurement must not depend on what else the machine does
STOP_SECONDS = 10


@contextmanager
def own_assistant(settings: Settings) -> Iterator[Settings]:
    """Give settings that lead to an assistant which answers; end it afterwards.

    The database must be there and prepared, and a model trained (TrainingError otherwise).
    Raises TransientFailure when it does not come up; `var/own-assistant.log` tells why.
    """
    urls = {name: f"http://127.0.0.1:{free_port()}" for name in ("rasa_url", "actions_url")}
    own = settings.model_copy(update={**urls, "rasa_timeout_seconds": TURN_SECONDS})
    environment = programs.environment(own)
    log = settings.var_dir / "own-assistant.log"
    rasa = environment | rasa_environment(own)
    with (
        _process(programs.command("actions"), environment, log),
        _process(rasa_command(own, stored=False), rasa, log) as process,
    ):
        _wait(own, process, log)
        yield own


@contextmanager
def _process(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("a") as output:
        process = subprocess.Popen(  # noqa: S603 - our own programs
            command, env=environment, stdout=output, stderr=subprocess.STDOUT, process_group=0
        )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()


def _wait(settings: Settings, rasa: subprocess.Popen[bytes], log: Path) -> None:
    token = {"token": settings.rasa_token.get_secret_value()}
    waiting = {f"{settings.actions_url}/health": {}, f"{settings.rasa_url}/status": token}
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False, timeout=2) as client:
        while waiting:
            for url, parameters in list(waiting.items()):
                with suppress(httpx.HTTPError):
                    if client.get(url, params=parameters).is_success:
                        del waiting[url]
            if rasa.poll() is not None or time.monotonic() > deadline:
                msg = f"The assistant did not start; the reason is at the end of {log}."
                raise TransientFailure(msg)
            time.sleep(0.2)
