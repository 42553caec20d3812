"""The one door to Rasa: its REST channel with a token, and with failures that look like failures.

Rasa's own REST channel needs no token, answers `200 []` when a turn broke, and writes the family's
words into the error log (shared facts, sections 0 and 7). This one does none of the three.
"""

import hmac
import logging
from collections.abc import Awaitable
from typing import Any, Callable, Dict, Optional, Text

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.exceptions import InvalidConfigException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)


class HelplineInput(InputChannel):
    """`POST /webhooks/helpline/webhook`: `{"sender", "message", "metadata"}` and a bearer token."""

    @classmethod
    def name(cls) -> Text:
        """Return the channel's name, which is part of its address."""
        return "helpline"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        """Build the channel from credentials.yml; refuse to start without a token."""
        token = str((credentials or {}).get("token") or "")
        if not token or token.startswith("${"):
            raise InvalidConfigException("credentials.yml: the helpline channel needs a token")
        return cls(token)

    def __init__(self, token: Text) -> None:
        self._token = token

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes of this channel."""
        routes = Blueprint("helpline_channel", __name__)

        @routes.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            return await self._receive(request, on_new_message)

        return routes

    async def _receive(
        self, request: Request, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> HTTPResponse:
        """Answer 401 without the token, 400 for what is not a message, 500 when the turn broke."""
        if not hmac.compare_digest(str(request.token or "").encode(), self._token.encode()):
            return response.json({"error": "token"}, status=401)
        body = request.json
        if not isinstance(body, dict) or not _is_message(body):
            return response.json({"error": "not a message"}, status=400)
        collector = CollectingOutputChannel()
        message = UserMessage(
            body["message"],
            collector,
            body["sender"],
            input_channel=self.name(),
            metadata=body.get("metadata") or {},
        )
        try:
            await on_new_message(message)
        except Exception as exc:  # noqa: BLE001 - whatever broke, the core must learn of it
            # No traceback: it may carry the family's words.
            logger.error("turn failed: %s in %s", type(exc).__name__, body["sender"])  # noqa: TRY400
            return response.json({"error": "turn failed"}, status=500)
        return response.json(collector.messages)


def _is_message(body: Dict[Text, Any]) -> bool:
    text, sender, metadata = (body.get(name) for name in ("message", "sender", "metadata"))
    return (
        isinstance(text, str)
        and isinstance(sender, str)
        and bool(sender)
        and isinstance(metadata, (dict, type(None)))
    )
