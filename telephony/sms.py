"""Texts: signed webhooks in. What a family wrote is stored before the carrier hears of it."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from helpline import receipts, texts
from helpline.addresses import read_address
from helpline.db import transaction
from helpline.texts import InboundText
from telephony import twiml
from telephony.context import service
from telephony.signature import carrier_only

bp = Blueprint("telephony_sms", __name__, url_prefix="/telephony/sms")

MAX_SID = 64


@bp.post("", strict_slashes=False)
@carrier_only
def receive() -> ResponseReturnValue:
    """Take in one text. The answer leaves through the job runner, so this never waits for it."""
    form = request.form
    inbound = InboundText(
        sender=read_address(form.get("From")),
        text=form.get("Body", ""),
        sid=form.get("MessageSid", "")[:MAX_SID],
        pictures=_count(form.get("NumMedia")),
    )
    with transaction() as session:
        texts.receive(session, service(), inbound)
    return twiml.nothing()


@bp.post("/status")
@carrier_only
def status() -> ResponseReturnValue:
    """Take in a delivery receipt: for a text to a family, or for an alert to a worker."""
    form = request.form
    with transaction() as session:
        receipts.text_receipt(
            session,
            service(),
            key=request.args.get("key", ""),
            sid=form.get("MessageSid", "")[:MAX_SID],
            status=form.get("MessageStatus", ""),
            error_code=_count(form.get("ErrorCode")) or None,
        )
    return "", 204


def _count(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 7 else 0  # noqa: PLR2004
