"""A made-up Rasa that answers as badly as each test wants, and Rasa's own interpreter."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.preflight import RASA_PYTHON
from app.training import rasa_environment
from helpline.settings import PROJECT_ROOT, Settings

TRAIL = {"kind": "trail", "topic": None, "confidence": 0.0, "outcome": "answered"}
PHRASE = {"kind": "phrase", "phrase": "welcome", "text": "made-up words"}


@dataclass
class StandIn:
    """What the made-up Rasa answers, and what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = json.dumps([{"custom": PHRASE}, {"custom": TRAIL}]).encode()
    wait: float = 0.0  # before anything is sent
    drip: float = 0.0  # between single bytes of the body
    asked: list[dict[str, Any]] = field(default_factory=list)

    def says(self, *customs: object) -> None:
        """Answer with these bot messages."""
        self.body = json.dumps([{"custom": custom} for custom in customs]).encode()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A server on loopback in Rasa's place."""
    script = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            asked = json.loads(self.rfile.read(length))
            script.asked.append({"path": self.path, "headers": dict(self.headers), "body": asked})
            time.sleep(script.wait)
            try:
                self.send_response(script.status)
                self.send_header("Content-Length", str(len(script.body)))
                self.end_headers()
                for byte in [script.body] if not script.drip else _bytes(script.body):
                    self.wfile.write(byte)
                    self.wfile.flush()
                    time.sleep(script.drip)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client has given up, as it should

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield script
    server.shutdown()
    server.server_close()
    thread.join()


def _bytes(body: bytes) -> list[bytes]:
    return [body[i : i + 1] for i in range(len(body))]


@pytest.fixture(scope="session")
def on_rasas_python(
    make_settings: Callable[..., Settings],
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command line on Rasa's interpreter, in `cwd`, as training and serving do."""

    def run(*arguments: str, cwd: object = PROJECT_ROOT) -> subprocess.CompletedProcess[str]:
        environment = rasa_environment(make_settings(database_url="postgresql://nowhere/none"))
        return subprocess.run(  # noqa: S603 - our own programs
            [str(RASA_PYTHON), *arguments],
            cwd=str(cwd),
            env={"PATH": "/usr/bin:/bin", **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    return run
