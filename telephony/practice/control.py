"""What the practice page does with the exchange: look, ring, text, press, speak, hang up.

Only our own pages and commands ask this: with the account's sid and token, on loopback.
"""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from telephony.practice.legs import Leg
from telephony.practice.rest import authenticate_request, exchange

bp = Blueprint("practice_control", __name__, url_prefix="/control")
SHOWN_TEXTS = 40
SHOWN_LEGS = 12


@bp.before_request
def authenticate() -> ResponseReturnValue | None:
    """Let in who has the account's token."""
    return authenticate_request()


@bp.get("/state")
def state() -> ResponseReturnValue:
    """Return every phone's calls and texts, newest last."""
    known = exchange()
    with known.guard:
        legs = [leg.as_dict() for leg in list(known.legs.values())[-SHOWN_LEGS:]]
        texts = [
            {"from": t.sender, "to": t.to, "body": t.body, "status": t.status, "erased": t.erased}
            for t in known.texts[-SHOWN_TEXTS:]
        ]
    return {"helpline": known.account.number, "legs": legs, "texts": texts}


@bp.post("/ring")
def ring() -> ResponseReturnValue:
    """Ring the helpline from a phone."""
    leg = exchange().ring_in(request.form["caller"])
    return {"sid": leg.sid}


@bp.post("/text")
def text() -> ResponseReturnValue:
    """Text the helpline from a phone."""
    form = request.form
    pictures = ["picture"] if form.get("picture") else []
    answer = exchange().text_in(form["sender"], form.get("body", ""), pictures)
    return {"status": answer.status}


@bp.post("/legs/<sid>")
def act(sid: str) -> ResponseReturnValue:
    """Do something at a phone: `what` and, for keys and words, `value`."""
    leg = exchange().legs.get(sid)
    if leg is None:
        return {"error": "no such call"}, 404
    _act(leg, request.form.get("what", ""), request.form.get("value", ""))
    return leg.as_dict()


def _act(leg: Leg, what: str, value: str) -> None:
    known = exchange()
    doing: dict[str, Any] = {
        "answer": lambda: known.answer(leg),
        "refuse": lambda: known.fail(leg, "busy"),
        "ring_out": lambda: known.fail(leg, "no-answer"),
        "press": lambda: known.press(leg, value),
        "say": lambda: known.say(leg, value),
        "silence": lambda: known.silence(leg),
        "record": lambda: known.record(leg),
        "hang_up": lambda: known.hang_up(leg),
    }
    if what in doing:
        doing[what]()
