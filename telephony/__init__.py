"""Texts and calls through Twilio: signed webhooks in, TwiML and REST calls out."""

from flask import Flask


def install(app: Flask) -> None:
    """Register the webhooks on an app that has `extensions["helpline"]` and `["settings"]`."""
    from telephony import call_back, hold, sms, voice, worker  # noqa: PLC0415 - `import telephony` stays cheap
    from telephony.account import account_of  # noqa: PLC0415

    app.extensions["account"] = account_of(app.extensions["settings"])
    for module in (sms, voice, hold, call_back, worker):
        app.register_blueprint(module.bp)
    if app.extensions["account"] is not None and app.extensions["account"].practice:
        from telephony.practice import pages  # noqa: PLC0415 - in practice mode only

        app.register_blueprint(pages.bp)
