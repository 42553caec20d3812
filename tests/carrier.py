"""Fixtures of the carrier's stand-in: the practice exchange, with its REST calls over real HTTP."""

import dataclasses
import threading
from collections.abc import Iterator

import httpx
from werkzeug.serving import make_server

from helpline.settings import Settings
from telephony.account import Account, account_of
from telephony.carrier import TwilioLine
from telephony.practice.exchange import Exchange
from telephony.practice.server import make_exchange_app, number_of
from telephony.practice.webhooks import Webhooks


@dataclasses.dataclass
class Carrier:
    """A running stand-in and the real line that speaks to it."""

    account: Account
    exchange: Exchange
    line: TwilioLine


def run_carrier(
    settings: Settings, client: httpx.Client, port: int = 0, **options: float
) -> Iterator[Carrier]:
    """Serve the stand-in's REST calls on `port` (0: a free one) until the caller is done."""
    account = account_of(settings)
    assert account is not None
    exchange = Exchange(account, Webhooks(account, client, **options))
    server = make_server("127.0.0.1", port, make_exchange_app(exchange), threaded=True)
    account = dataclasses.replace(account, api_base=f"http://127.0.0.1:{server.server_port}")
    exchange.account = account
    exchange.numbers[account.number] = number_of(account)
    threading.Thread(target=server.serve_forever, name="carrier", daemon=True).start()
    yield Carrier(account, exchange, TwilioLine(account, text_valid_seconds=900))
    server.shutdown()
    server.server_close()
    exchange.close()
