"""The exchange as a small web application on loopback: Twilio's REST calls."""

from flask import Flask

from telephony.practice import rest
from telephony.practice.exchange import Exchange


def make_exchange_app(exchange: Exchange) -> Flask:
    """Return the application that answers REST calls for `exchange`."""
    app = Flask("exchange")
    app.extensions["exchange"] = exchange
    app.register_blueprint(rest.bp)
    return app
