"""How much one browser or address may send. Generous: a visitors' centre shares one address.

A refusal says where help is (429 with the emergency words) and the page keeps the text.
"""

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from web.cookie import read_key

STARTS = "120 per hour"  # conversations begun, by address
MESSAGES = "30 per minute"  # messages, by conversation
MESSAGES_BY_ADDRESS = "240 per minute"
STREAMS = "60 per minute"  # connections for live news, by conversation

limiter = Limiter(key_func=get_remote_address, headers_enabled=True)


def by_conversation() -> str:
    """Return the conversation a request is about, or its address when it names none."""
    named = (request.view_args or {}).get("conversation_id")
    if named:
        return f"conversation:{named}"
    key = read_key()
    return f"conversation:{key.public_id}" if key is not None else get_remote_address()


def install_limits(app: Flask) -> None:
    """Count in this process's memory; more than one web process needs a shared store."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", "memory://")
    limiter.init_app(app)
