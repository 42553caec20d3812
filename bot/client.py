"""Rasa as the core's Assistant: one HTTP call on loopback, and every way it can fail made one."""

import asyncio
import re
import ssl
import threading
from typing import Any

import httpx
from pydantic import ValidationError
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from helpline.db import driver_url
from helpline.errors import TransientFailure
from helpline.guide.replies import Reply, ReplyAdapter, TrailReply
from helpline.ports import TurnContext
from helpline.settings import Settings

CHANNEL_PATH = "/webhooks/helpline/webhook"
PAYLOAD = re.compile(r"/[a-z][a-z0-9-]*")
RASA_COMMANDS = frozenset({"/restart", "/back"})  # would wipe or rewind the conversation
_FORGET = text("DELETE FROM rasa.trackers WHERE sender_id = :key")
_STORED = text("SELECT to_regclass('rasa.trackers') IS NOT NULL")


class RasaAssistant:
    """An Assistant (helpline.ports) over Rasa's helpline channel. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened before the first use."""
        self._seconds = settings.rasa_timeout_seconds
        self._token = settings.rasa_token.get_secret_value()
        self._url = settings.rasa_url.rstrip("/")
        self._tracker_url = tracker_url(settings)
        self._tls = ssl.create_default_context()  # made once: it takes longer than a turn
        self._guard = threading.Lock()
        self._engine: Engine | None = None

    def answer(self, key: str, text: str, context: TurnContext) -> tuple[Reply, ...]:
        """See Assistant.answer. The whole call takes no longer than `rasa_timeout_seconds`."""
        body = {
            "sender": key,
            "message": _safe(text),
            "metadata": {
                "channel": context.channel.value,
                "prison": context.prison,
                "prison_candidates": list(context.prison_candidates),
                "handover": str(context.handover),
                "earlier": context.earlier,
            },
        }
        return _replies(self._post(CHANNEL_PATH, body))

    def parse(self, text: str) -> dict[str, Any]:
        """Return how Rasa reads `text` by itself: intent, ranking, reading. Nothing is stored."""
        found: dict[str, Any] = self._post("/model/parse", {"text": _safe(text)}, query=True)
        return found

    def forget(self, key: str) -> None:
        """See Assistant.forget. Works while Rasa is down: its tracker is a table of ours."""
        try:
            with self._tracker().begin() as connection:
                if connection.scalar(_STORED):
                    connection.execute(_FORGET, {"key": key})
        except SQLAlchemyError as exc:
            raise TransientFailure("rasa: the tracker's database cannot be reached") from exc

    def close(self) -> None:
        """Give back what `forget` opened."""
        with self._guard:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def _post(self, path: str, body: dict[str, Any], *, query: bool = False) -> Any:  # noqa: ANN401
        """Post `body` and return the JSON that came back, all within the time limit."""
        try:
            # A loop of its own for each call: only so can a limit hold for the call as a whole.
            return asyncio.run(self._post_in_time(path, body, query=query))
        except TimeoutError as exc:
            raise TransientFailure("rasa: timed out") from exc
        except httpx.HTTPStatusError as exc:
            message = f"rasa: answered {exc.response.status_code}"
            raise TransientFailure(message) from exc
        except (httpx.HTTPError, ValueError) as exc:
            message = f"rasa: {type(exc).__name__}"
            raise TransientFailure(message) from exc

    async def _post_in_time(self, path: str, body: dict[str, Any], *, query: bool) -> Any:  # noqa: ANN401
        client = httpx.AsyncClient(timeout=None, trust_env=False, verify=self._tls)  # noqa: S113
        async with asyncio.timeout(self._seconds), client:
            answer = await client.post(
                self._url + path,
                json=body,
                params={"token": self._token} if query else None,
                headers=None if query else {"Authorization": f"Bearer {self._token}"},
            )
        return answer.raise_for_status().json()

    def _tracker(self) -> Engine:
        with self._guard:
            if self._engine is None:
                self._engine = create_engine(
                    driver_url(self._tracker_url), pool_size=1, pool_pre_ping=True
                )
            return self._engine


def tracker_url(settings: Settings) -> str:
    """Return the database that holds Rasa's tracker: the core's own unless another was given."""
    return settings.rasa_tracker_url.get_secret_value() or settings.database_url


def _safe(text: str) -> str:
    """Return `text` so that Rasa takes only a choice the core resolved for a command."""
    picked = PAYLOAD.fullmatch(text) and text not in RASA_COMMANDS
    return text if picked else text.lstrip("/ \t\n")


def _replies(messages: object) -> tuple[Reply, ...]:
    """Read the bot messages of one turn; TransientFailure for anything that is not a whole turn."""
    if not isinstance(messages, list) or not messages:
        raise TransientFailure("rasa: said nothing")
    try:
        replies = tuple(ReplyAdapter.validate_python(m["custom"]) for m in messages)
    except (KeyError, TypeError, ValidationError) as exc:
        # Not chained: a validation error quotes what it was given.
        fault = type(exc).__name__
        message = f"rasa: not a reply ({fault})"
        raise TransientFailure(message) from None
    trails = [isinstance(reply, TrailReply) for reply in replies]
    if trails.count(True) != 1 or not trails[-1]:
        raise TransientFailure("rasa: a turn without its trail")
    return replies
