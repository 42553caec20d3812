"""Addresses of our own voice webhooks, and what every voice request says."""

from urllib.parse import urlencode

from flask import request

MAX_SID = 64


def path(name: str, **state: int | str) -> str:
    """Return the path of one of our voice webhooks with its state; the carrier signs all of it."""
    query = f"?{urlencode(state)}" if state else ""
    return f"/telephony/voice/{name}{query}"


def worker_path(name: str, key: str, **state: int | str) -> str:
    """Return the path of one of our webhooks for a worker's phone."""
    return f"/telephony/worker/{name}?{urlencode({'key': key, **state})}"


def call_sid() -> str:
    """Return which call a request is about."""
    return request.form.get("CallSid", "")[:MAX_SID]


def whole(value: str | None) -> int:
    """Return a short whole number from a request, 0 when it is none."""
    return int(value) if value and value.isdecimal() and len(value) < 7 else 0  # noqa: PLR2004


def key_pressed() -> str:
    """Return the key a request brings, empty when it brings none."""
    return request.form.get("Digits", "")[:1]
