"""The REST calls of Twilio's API (2010-04-01) that the helpline makes, answered by the exchange.

Fields and error shape: Twilio's OpenAPI description, twilio_api_v2010. Only what is used is here;
anything else is the documented 20404.
"""

import hmac
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from telephony.practice.exchange import Exchange
from telephony.practice.legs import Leg
from telephony.practice.post import Number, Refused, Text

bp = Blueprint("practice_rest", __name__, url_prefix="/2010-04-01/Accounts/<account_sid>")


def exchange() -> Exchange:
    """Return the exchange this application speaks for."""
    found: Exchange = current_app.extensions["exchange"]
    return found


account_bp = Blueprint("practice_account", __name__)


@account_bp.get("/2010-04-01/Accounts/<account_sid>.json")
def account(account_sid: str) -> ResponseReturnValue:
    """Return the account."""
    refused = authenticate_request(account_sid)
    known = {"sid": account_sid, "status": "active", "friendly_name": "Practice", "type": "Full"}
    return known if refused is None else refused


@bp.before_request
def authenticate() -> ResponseReturnValue | None:
    """Ask for the account's sid and token (basic authentication), as the carrier does."""
    return authenticate_request((request.view_args or {}).get("account_sid"))


def authenticate_request(account_sid: str | None = None) -> ResponseReturnValue | None:
    """Refuse a request that does not carry the account's sid and token."""
    account, given = exchange().account, request.authorization
    known = (
        given is not None
        and hmac.compare_digest(given.username or "", account.sid)
        and hmac.compare_digest(given.password or "", account.token)
        and account_sid in {None, account.sid}
    )
    return None if known else refuse(Refused(401, 20003, "Authenticate"))


@bp.errorhandler(Refused)
def refuse(error: Refused) -> ResponseReturnValue:
    """Answer with an error in the carrier's shape."""
    body = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    return body, error.status


@bp.post("/Messages.json")
def send_text(account_sid: str) -> ResponseReturnValue:
    """Take a text and send it."""
    del account_sid
    form = request.form
    text = exchange().text_out(
        form["To"], form.get("From", ""), form.get("Body", ""), form.get("StatusCallback", "")
    )
    return _text(text), 201


@bp.get("/Messages.json")
def list_texts(account_sid: str) -> ResponseReturnValue:
    """List texts, newest first, by number."""
    found = [
        _text(text)
        for text in reversed(exchange().texts)
        if request.args.get("To") in {None, text.to}
        and request.args.get("From") in {None, text.sender}
    ]
    return _page("messages", found, f"/2010-04-01/Accounts/{account_sid}/Messages.json")


@bp.post("/Messages/<sid>.json")
def change_text(account_sid: str, sid: str) -> ResponseReturnValue:
    """Blank a text's words."""
    del account_sid
    text = _find_text(sid)
    if request.form.get("Body") == "":
        text.body, text.erased = "", True
    return _text(text)


@bp.get("/Messages/<sid>/Media.json")
def list_pictures(account_sid: str, sid: str) -> ResponseReturnValue:
    """List a text's pictures."""
    base = f"/2010-04-01/Accounts/{account_sid}/Messages/{sid}/Media"
    media = [
        {"sid": picture, "parent_sid": sid, "account_sid": account_sid, "uri": f"{base}/{picture}"}
        for picture in _find_text(sid).pictures
    ]
    return _page("media_list", media, f"{base}.json")


@bp.delete("/Messages/<sid>/Media/<picture>.json")
def delete_picture(account_sid: str, sid: str, picture: str) -> ResponseReturnValue:
    """Delete one picture."""
    del account_sid
    text = _find_text(sid)
    if picture not in text.pictures:
        raise Refused(404, 20404, "The requested resource was not found")
    text.pictures.remove(picture)
    return "", 204


@bp.post("/Calls.json")
def ring(account_sid: str) -> ResponseReturnValue:
    """Ring a phone."""
    del account_sid
    form = request.form
    leg = exchange().ring_out(
        form["To"],
        form["From"],
        form.get("Url", ""),
        form.get("StatusCallback", ""),
        form.getlist("StatusCallbackEvent"),
    )
    return _call(leg), 201


@bp.get("/Calls.json")
def list_calls(account_sid: str) -> ResponseReturnValue:
    """List calls, newest first, by number."""
    found = [
        _call(leg)
        for leg in reversed(list(exchange().legs.values()))
        if request.args.get("To") in {None, leg.called}
    ]
    return _page("calls", found, f"/2010-04-01/Accounts/{account_sid}/Calls.json")


@bp.post("/Calls/<sid>.json")
def change_call(account_sid: str, sid: str) -> ResponseReturnValue:
    """End a call: one that rings is canceled, one that is answered is completed."""
    del account_sid
    leg = exchange().legs.get(sid)
    if leg is None:
        raise Refused(404, 20404, "The requested resource was not found")
    if not leg.is_live:
        raise Refused(400, 21220, "Call is not in-progress. Cannot redirect.")
    status = request.form.get("Status")
    if status == "canceled":
        exchange().fail(leg, "canceled")
    elif status == "completed":
        exchange().hang_up(leg)
    return _call(leg)


@bp.get("/Recordings/<sid>.wav")
def listen(account_sid: str, sid: str) -> ResponseReturnValue:
    """Return a recording's sound."""
    del account_sid
    recording = exchange().recordings.get(sid)
    if recording is None:
        raise Refused(404, 20404, "The requested resource was not found")
    return Response(recording.audio, content_type="audio/x-wav")


@bp.delete("/Recordings/<sid>.json")
def delete_recording(account_sid: str, sid: str) -> ResponseReturnValue:
    """Delete a recording."""
    del account_sid
    if exchange().recordings.pop(sid, None) is None:
        raise Refused(404, 20404, "The requested resource was not found")
    return "", 204


@bp.get("/IncomingPhoneNumbers.json")
def list_numbers(account_sid: str) -> ResponseReturnValue:
    """List the account's numbers."""
    wanted = request.args.get("PhoneNumber")
    found = [
        _number(number)
        for number in exchange().numbers.values()
        if wanted in {None, number.phone_number}
    ]
    path = f"/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers.json"
    return _page("incoming_phone_numbers", found, path)


@bp.post("/IncomingPhoneNumbers/<sid>.json")
def change_number(account_sid: str, sid: str) -> ResponseReturnValue:
    """Set where a number's webhooks go."""
    del account_sid
    number = next((n for n in exchange().numbers.values() if n.sid == sid), None)
    if number is None:
        raise Refused(404, 20404, "The requested resource was not found")
    for name, field in _ADDRESSES.items():
        if name in request.form:
            setattr(number, field, request.form[name])
    return _number(number)


_ADDRESSES = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "SmsUrl": "sms_url",
    "SmsFallbackUrl": "sms_fallback_url",
    "StatusCallback": "status_callback",
}


def _find_text(sid: str) -> Text:
    found = next((text for text in exchange().texts if text.sid == sid), None)
    if found is None:
        raise Refused(404, 20404, "The requested resource was not found")
    return found


def _text(text: Text) -> dict[str, Any]:
    return {
        "sid": text.sid,
        "account_sid": exchange().account.sid,
        "to": text.to,
        "from": text.sender,
        "body": text.body,
        "status": text.status,
        "num_media": str(len(text.pictures)),
        "num_segments": "1",
        "error_code": None,
        "uri": f"/2010-04-01/Accounts/{exchange().account.sid}/Messages/{text.sid}.json",
    }


def _call(leg: Leg) -> dict[str, Any]:
    return {
        "sid": leg.sid,
        "account_sid": exchange().account.sid,
        "to": leg.called,
        "from": leg.caller,
        "status": leg.status,
        "direction": leg.direction,
        "uri": f"/2010-04-01/Accounts/{exchange().account.sid}/Calls/{leg.sid}.json",
    }


def _number(number: Number) -> dict[str, Any]:
    fields = {field: getattr(number, field) for field in _ADDRESSES.values()}
    return {
        "sid": number.sid,
        "account_sid": exchange().account.sid,
        "phone_number": number.phone_number,
        "friendly_name": number.phone_number,
        "capabilities": number.capabilities,
        "voice_method": "POST",
        "sms_method": "POST",
        **fields,
    }


def _page(name: str, found: list[dict[str, Any]], path: str) -> dict[str, Any]:
    size = int(request.args.get("PageSize", "50"))
    return {
        name: found[:size],
        "page": 0,
        "page_size": size,
        "start": 0,
        "end": max(0, len(found[:size]) - 1),
        "uri": path,
        "first_page_uri": path,
        "next_page_uri": None,
        "previous_page_uri": None,
    }
