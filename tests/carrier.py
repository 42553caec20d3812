"""Fixtures of the carrier's stand-in: the practice exchange, with its REST calls over real HTTP."""

import dataclasses
import threading
from collections.abc import Iterator

import httpx
import pytest
from werkzeug.serving import make_server

from helpline.settings import Settings
from telephony.account import Account, account_of
from telephony.carrier import TwilioLine
from telephony.practice.exchange import Exchange
from telephony.practice.post import Number, new_sid
from telephony.practice.server import make_exchange_app
from telephony.practice.webhooks import Webhooks


def number_of(account: Account) -> Number:
    """The helpline's number, set up as `make twilio-setup` does it."""
    base = account.public_base
    return Number(
        new_sid("PN"),
        account.number,
        voice_url=f"{base}/telephony/voice",
        voice_fallback_url="",
        sms_url=f"{base}/telephony/sms",
        status_callback=f"{base}/telephony/voice/status",
    )


@dataclasses.dataclass
class Carrier:
    """A running stand-in and the real line that speaks to it."""

    account: Account
    exchange: Exchange
    line: TwilioLine


def run_carrier(settings: Settings, client: httpx.Client, **options: float) -> Iterator[Carrier]:
    """Serve the stand-in's REST calls on a free port until the caller is done."""
    account = account_of(settings)
    assert account is not None
    exchange = Exchange(account, Webhooks(account, client, **options))
    server = make_server("127.0.0.1", 0, make_exchange_app(exchange), threaded=True)
    account = dataclasses.replace(account, api_base=f"http://127.0.0.1:{server.server_port}")
    exchange.account = account
    exchange.numbers[account.number] = number_of(account)
    threading.Thread(target=server.serve_forever, name="carrier", daemon=True).start()
    yield Carrier(account, exchange, TwilioLine(account, text_valid_seconds=900))
    server.shutdown()
    exchange.close()


@pytest.fixture(scope="session")
def made_up_numbers() -> Iterator[int]:
    """Numbers that Ofcom keeps free for drama, each once."""
    return iter(range(100))
