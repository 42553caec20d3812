"""Only the carrier's own requests get in."""

import random

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator

from telephony.account import Account, account_of
from telephony.signature import SIGNATURE, carrier_only

ACCOUNT = Account(
    sid="AC" + "0" * 32,
    token="the token",
    public_base="https://helpline.example",
    number="+441632960960",
    api_base="",
    practice=False,
)
FORM = {"AccountSid": ACCOUNT.sid, "From": "+447700900111", "Body": "hello & £5 + 😀 ", "Empty": ""}


def make_app(account: Account | None) -> tuple[Flask, list[str]]:
    """An application with one guarded view, and the list of what got in."""
    app, taken = Flask("guarded"), []
    app.extensions["account"] = account

    @app.post("/telephony/sms")
    @app.post("/telephony/voice/turn", endpoint="turn")
    @carrier_only
    def view() -> str:
        taken.append("in")
        return "in"

    return app, taken


def signed(path: str, form: dict[str, str], token: str = ACCOUNT.token) -> str:
    """The signature Twilio would send for this path on the public address."""
    return RequestValidator(token).compute_signature(ACCOUNT.public_base + path, form)


@pytest.mark.parametrize("path", ["/telephony/sms", "/telephony/voice/turn?n=1&x=a%20b"])
def test_the_carrier_gets_in_behind_a_proxy(path) -> None:
    """The server sees plain http on another host; the signature is over the public address."""
    app, _ = make_app(ACCOUNT)
    response = app.test_client().post(path, data=FORM, headers={SIGNATURE: signed(path, FORM)})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {SIGNATURE: ""}, {SIGNATURE: "bm90IGEgc2lnbmF0dXJl"}],
)
def test_without_a_right_signature_nobody_gets_in(headers) -> None:
    """Missing, empty, wrong: all the same."""
    app, taken = make_app(ACCOUNT)
    response = app.test_client().post("/telephony/sms", data=FORM, headers=headers)

    assert (response.status_code, taken) == (403, [])


def test_another_account_is_refused() -> None:
    """A signature that holds, with an account that is not ours."""
    app, taken = make_app(ACCOUNT)
    form = FORM | {"AccountSid": "AC" + "1" * 32}
    headers = {SIGNATURE: signed("/telephony/sms", form)}
    response = app.test_client().post("/telephony/sms", data=form, headers=headers)

    assert (response.status_code, taken) == (403, [])


def test_without_a_token_everything_is_refused(make_settings) -> None:
    """Half a configuration lets nobody in, whatever they sign with."""
    half = make_settings(twilio_account_sid=ACCOUNT.sid)
    assert account_of(half) is None
    app, taken = make_app(None)
    for token in ("", "the token"):
        headers = {SIGNATURE: signed("/telephony/sms", FORM, token)}
        response = app.test_client().post("/telephony/sms", data=FORM, headers=headers)
        assert response.status_code == 403
    assert taken == []


def test_ten_thousand_forgeries_are_refused() -> None:
    """Every way of getting one wrong: body, path, query, host, token, order, signature bytes."""
    app, taken = make_app(ACCOUNT)
    client, chance = app.test_client(), random.Random(20261122)  # noqa: S311 - the same forgeries every time
    right = signed("/telephony/sms", FORM)
    statuses = set()
    for number in range(10_000):
        form, path, signature = dict(FORM), "/telephony/sms", right
        match number % 8:
            case 0:
                form["Body"] = f"changed {number}"
            case 1:
                form[f"Extra{number}"] = ""
            case 2:
                path = f"/telephony/sms?n={number}"
            case 3:
                signature = signed("/telephony/sms", FORM, f"token {number}")
            case 4:
                path = "/telephony/voice/turn"
            case 5:
                at = chance.randrange(len(right) - 1)
                signature = right[:at] + ("A" if right[at] != "A" else "B") + right[at + 1 :]
            case 6:
                del form[chance.choice(list(form))]
            case _:
                other = f"https://evil{number}.example/telephony/sms"
                signature = RequestValidator(ACCOUNT.token).compute_signature(other, FORM)
        headers = {SIGNATURE: signature, "Host": "helpline.example"}
        statuses.add(client.post(path, data=form, headers=headers).status_code)

    assert (statuses, taken) == ({403}, [])
