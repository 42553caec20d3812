"""The exchange as a small web application on loopback, and the clock it goes by in practice."""

import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from helpline.guide.wording import seconds
from telephony.account import Account
from telephony.practice import control, rest
from telephony.practice.exchange import Exchange
from telephony.practice.legs import Leg, Waits
from telephony.practice.post import Number, new_sid
from telephony.practice.webhooks import Webhooks

TICK_SECONDS = 0.25
RING_SECONDS = 25
PIECE = "1"  # the listening time between two pieces of what is said


def make_exchange_app(exchange: Exchange) -> Flask:
    """Return the application that answers REST calls for `exchange`, and the practice page's."""
    app = Flask("exchange")
    app.extensions["exchange"] = exchange
    app.register_blueprint(rest.bp)
    app.register_blueprint(rest.account_bp)
    app.register_blueprint(control.bp)
    return app


def number_of(account: Account) -> Number:
    """Return the helpline's number with its webhooks, as `make twilio-setup` sets them."""
    base = account.public_base
    return Number(
        new_sid("PN"),
        account.number,
        voice_url=f"{base}/telephony/voice",
        sms_url=f"{base}/telephony/sms",
        status_callback=f"{base}/telephony/voice/status",
    )


@dataclass
class Clock:
    """Lets time pass in practice: pauses end, pieces follow each other, phones stop ringing."""

    exchange: Exchange
    since: dict[str, tuple[object, float]] = field(default_factory=dict)

    def tick(self, now: float) -> None:
        """Move on whatever has waited long enough at `now`, a time in seconds that only grows."""
        for leg in list(self.exchange.legs.values()):
            if leg.waits is None:
                self.since.pop(leg.sid, None)
                continue
            mark = (leg.waits, leg.verb, len(leg.heard))
            seen, began = self.since.get(leg.sid, (None, now))
            if seen != mark:
                self.since[leg.sid] = (mark, now)
            elif now - began >= _patience(leg):
                self.since.pop(leg.sid, None)
                self._move(leg)

    def _move(self, leg: Leg) -> None:
        if leg.waits is Waits.PICK_UP:
            self.exchange.fail(leg, "no-answer")
        else:
            self.exchange.silence(leg)

    def run(self) -> None:
        """Tick for ever."""
        while True:
            time.sleep(TICK_SECONDS)
            self.tick(time.monotonic())


def _patience(leg: Leg) -> float:
    """Return how long this leg waits before time moves it on: a person who types is not hurried."""
    if leg.waits is Waits.PICK_UP:
        return RING_SECONDS
    if leg.waits is Waits.PAUSE and leg.verb is not None:
        return float(leg.verb.get("length", "1"))
    if leg.waits is Waits.INPUT and leg.verb is not None:
        timeout = leg.verb.get("timeout", "5")
        if timeout == PIECE or leg.queue:
            last = next((line.words for line in reversed(leg.heard) if line.who == "helpline"), "")
            return seconds(last) + float(timeout)
    return float("inf")


def serve(account: Account) -> None:
    """Serve the exchange on the account's loopback address until the process ends."""
    with httpx.Client(trust_env=False) as client:
        exchange = Exchange(account, Webhooks(account, client))
        exchange.numbers[account.number] = number_of(account)
        threading.Thread(target=Clock(exchange).run, name="clock", daemon=True).start()
        address = urlsplit(account.api_base)
        server = make_server(
            address.hostname or "127.0.0.1",
            address.port or 5077,
            make_exchange_app(exchange),
            threaded=True,
            request_handler=_Quiet,
        )
        server.serve_forever()


class _Quiet(WSGIRequestHandler):
    """Logs no requests: their addresses hold numbers."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""
