"""The practice phone: staff play a family and the workers, on the code that real calls run on.

The page is plain forms; `phone.js` puts fresh pieces in place and lets the browser speak. It exists
in practice mode only, for this machine only.
"""

from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

import httpx
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline.addresses import read_address
from helpline.line_states import Reach
from helpline.phone_words import PracticePhone, read_practice_phone
from telephony.context import account, settings

bp = Blueprint(
    "practice_phone",
    __name__,
    url_prefix="/practice/phone",
    template_folder="../templates",
    static_folder="../static",
    static_url_path="/assets",
)

KEYPAD = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")
PATIENCE_SECONDS = 20.0
MOST_CHARACTERS = 1600


@dataclass(frozen=True)
class PhoneView:
    """One phone as the page shows it."""

    name: str
    number: str
    shown: str
    is_worker: bool
    leg: dict[str, Any] | None
    texts: list[dict[str, Any]]
    can_text: bool


@bp.before_request
def only_here() -> None:
    """Refuse other machines, and posts that another site made the browser send: 403."""
    if not ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104 - nobody
        abort(HTTPStatus.FORBIDDEN)
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method == "POST" and site not in {"same-origin", "none"}:
        abort(HTTPStatus.FORBIDDEN)


@bp.get("/")
def page() -> ResponseReturnValue:
    """Show the phones."""
    return render_template("practice/phone.html", **_content())


@bp.get("/screen")
def screen() -> ResponseReturnValue:
    """Show the phones only, for phone.js."""
    return render_template("practice/_phones.html", **_content())


@bp.post("/do")
def do() -> ResponseReturnValue:
    """Do one thing at one phone, then show the page again."""
    form = request.form
    what, number, sid = form.get("what", ""), form.get("number", ""), form.get("sid", "")
    value = form.get("value", "")[:MOST_CHARACTERS]
    if what == "ring":
        _ask("POST", "/control/ring", {"caller": number})
    elif what == "text":
        sent = {"sender": number, "body": value, "picture": form.get("picture", "")}
        _ask("POST", "/control/text", sent)
    elif sid:
        _ask("POST", f"/control/legs/{sid}", {"what": what, "value": value})
    if form.get("fragment"):
        return screen()
    family = form.get("family", "")
    return redirect(url_for("practice_phone.page", family=family), HTTPStatus.SEE_OTHER)


def _content() -> dict[str, Any]:
    numbers = read_practice_phone(settings().guide_folder)
    chosen = request.values.get("family") or numbers.families[0].number
    state = _ask("GET", "/control/state")
    return {
        "down": state is None,
        "families": numbers.families,
        "chosen": chosen,
        "phones": _phones(numbers, chosen, state or {"legs": [], "texts": []}),
        "keypad": KEYPAD,
        "helpline": numbers.helpline,
    }


def _phones(numbers: PracticePhone, chosen: str, state: dict[str, Any]) -> list[PhoneView]:
    family = next((f for f in numbers.families if f.number == chosen), numbers.families[0])
    people = [(family.name, family.number, False)]
    people += [(name, number, True) for name, number in numbers.workers.items()]
    return [_phone(*person, state) for person in people]


def _phone(name: str, number: str, is_worker: bool, state: dict[str, Any]) -> PhoneView:  # noqa: FBT001 - one of three facts about a person
    """Return a phone with its newest call and its texts."""

    def is_here(leg: dict[str, Any]) -> bool:
        return number == (leg["caller"] if leg["direction"] == "inbound" else leg["called"])

    legs = [leg for leg in state["legs"] if is_here(leg)]
    texts = [t for t in state["texts"] if number in {t["from"], t["to"]}]
    reach = read_address(number).reach
    return PhoneView(
        name=name,
        number=number,
        shown="no number is shown" if reach is Reach.HIDDEN else number,
        is_worker=is_worker,
        leg=legs[-1] if legs else None,
        texts=texts,
        can_text=reach is not Reach.LANDLINE,
    )


def _ask(method: str, path: str, data: dict[str, str] | None = None) -> dict[str, Any] | None:
    """Ask the exchange; None when it is not there."""
    known = account()
    try:
        with httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
            answer = client.request(
                method, known.api_base + path, data=data, auth=(known.sid, known.token)
            )
    except httpx.HTTPError:
        return None
    found: dict[str, Any] = answer.json()
    return found if answer.is_success else None
