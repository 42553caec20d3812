"""Is it alive, is it ready, and which piece is down. Answers carry no word of anybody's."""

import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httpx
from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from helpline.db import transaction
from helpline.settings import Settings

bp = Blueprint("health", __name__)

PIECE_SECONDS = 1.0  # a piece that needs longer to say it is there is down
# The job runner writes one every 5 s (app/runner.py); two may be late on a busy machine.
HEARTBEAT_SECONDS = 15.0
# However often somebody asks, the pieces are asked no more often than this.
KEEP_SECONDS = 0.5

_HEARTBEAT = text(
    "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
)
_SHORT = text("SET LOCAL statement_timeout = '1s'")


class Pieces:
    """The state of each piece, `up` or `down`, asked for at most every KEEP_SECONDS."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is asked before the first `state()`."""
        self._settings = settings
        self._clock = clock
        self._guard = threading.Lock()
        self._asked_at = float("-inf")
        self._state: dict[str, str] = {}

    def state(self) -> dict[str, str]:
        """Return the pieces by name: database, jobs, actions, rasa."""
        with self._guard:
            if self._clock() - self._asked_at > KEEP_SECONDS:
                database, jobs = _database_and_jobs()
                found = {
                    "database": database,
                    "jobs": jobs,
                    "actions": _answers(f"{self._settings.actions_url}/health"),
                    "rasa": _answers(
                        f"{self._settings.rasa_url}/status",
                        token=self._settings.rasa_token.get_secret_value(),
                    ),
                }
                self._state = {name: "up" if up else "down" for name, up in found.items()}
                self._asked_at = self._clock()
            return dict(self._state)


def pieces() -> Pieces:
    """Return this application's one view of its pieces."""
    found: Pieces = current_app.extensions.setdefault(
        "pieces", Pieces(current_app.extensions["settings"])
    )
    return found


@bp.get("/health/live")
def live() -> ResponseReturnValue:
    """Say that this process answers, whatever the others do."""
    return _answer({"status": "live"})


@bp.get("/health/ready")
def ready() -> ResponseReturnValue:
    """Name each piece and its state: 503 without a database, 200 otherwise.

    Without job runner, actions or Rasa the status is `degraded`: pages, the safety path and people
    are still there, so a load balancer must go on sending families here.
    """
    state = pieces().state()
    down = [name for name, piece in state.items() if piece != "up"]
    if "database" in down:
        body = {"status": "down", "pieces": state, "down": down}
        return _answer(body, HTTPStatus.SERVICE_UNAVAILABLE)
    return _answer({"status": "degraded" if down else "ready", "pieces": state, "down": down})


def _answer(body: dict[str, Any], status: int = HTTPStatus.OK) -> ResponseReturnValue:
    return body, status, {"Cache-Control": "no-store"}


def _database_and_jobs() -> tuple[bool, bool]:
    try:
        with transaction() as session:
            session.execute(_SHORT)
            silent_for = session.scalar(_HEARTBEAT)
    except SQLAlchemyError:
        return False, False
    return True, silent_for is not None and silent_for < HEARTBEAT_SECONDS


def _answers(url: str, token: str = "") -> bool:
    try:
        # Not from the environment: a proxy for the outside world has no part in loopback.
        with httpx.Client(timeout=PIECE_SECONDS, trust_env=False) as client:
            answer = client.get(url, params={"token": token} if token else None)
    except httpx.HTTPError:
        return False
    return answer.status_code == HTTPStatus.OK
