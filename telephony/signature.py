"""Proof that a request comes from the carrier: Twilio's signature over our public address."""

import functools
import hmac
import logging
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import abort, current_app, request
from flask.typing import ResponseReturnValue
from twilio.request_validator import RequestValidator

from telephony.account import Account

SIGNATURE = "X-Twilio-Signature"
log = logging.getLogger(__name__)


def carrier_only[**P](
    view: Callable[P, ResponseReturnValue],
) -> Callable[P, ResponseReturnValue]:
    """Let only the carrier's own requests through: anything else is a 403, and nothing is read.

    The address is built from the configured public address and the path as it was sent, never from
    headers that a sender chooses. Without an account everything is refused.
    """

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        account = current_app.extensions["account"]
        if account is None or not _is_from(account):
            log.warning("unsigned request refused", extra={"http_status": HTTPStatus.FORBIDDEN})
            abort(HTTPStatus.FORBIDDEN)
        return view(*args, **kwargs)

    return guarded


def _is_from(account: Account) -> bool:
    signature = request.headers.get(SIGNATURE, "")
    if not (signature and account.token and account.public_base):
        return False
    address = account.public_base + path_as_sent()
    if not RequestValidator(account.token).validate(address, request.form, signature):
        return False
    return hmac.compare_digest(request.form.get("AccountSid", ""), account.sid)


def path_as_sent() -> str:
    """Return path and query as the request line had them: the signature covers each byte."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if not raw:
        return request.full_path.removesuffix("?")
    parts = urlsplit(raw)
    return parts.path + (f"?{parts.query}" if parts.query else "")
