"""Texts and calls through Twilio: signed webhooks in, TwiML and REST calls out."""

from flask import Flask


def install(app: Flask) -> None:
    """Register the webhooks on an app that has `extensions["helpline"]` and `["settings"]`."""
    from telephony import sms  # noqa: PLC0415 - `import telephony` stays cheap
    from telephony.account import account_of  # noqa: PLC0415

    app.extensions["account"] = account_of(app.extensions["settings"])
    app.register_blueprint(sms.bp)
