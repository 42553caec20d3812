"""Setting up and checking the helpline's number at the carrier."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from twilio.base.exceptions import TwilioException
from twilio.rest import Client
from twilio.rest.api.v2010.account.incoming_phone_number import IncomingPhoneNumberInstance

from helpline.errors import HelplineError
from helpline.settings import Settings
from telephony.account import Account
from telephony.failures import translated

REACH_SECONDS = 10


class NumberNotFound(HelplineError):
    """The account has no such number; the text is one plain sentence."""


@dataclass(frozen=True)
class Change:
    """One address of the number: what it is and what it shall be."""

    name: str
    now: str
    wanted: str


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, and what is wrong with it (empty: nothing)."""

    what: str
    fault: str = ""


def addresses(account: Account, settings: Settings) -> dict[str, str]:
    """Return the addresses the number shall have, by the name of its field."""
    base = account.public_base
    return {
        "voice_url": f"{base}/telephony/voice",
        "voice_method": "POST",
        "voice_fallback_url": settings.voice_fallback_url,
        "sms_url": f"{base}/telephony/sms",
        "sms_method": "POST",
        "sms_fallback_url": settings.sms_fallback_url,
        "status_callback": f"{base}/telephony/voice/status",
    }


def find_number(client: Client, account: Account) -> IncomingPhoneNumberInstance:
    """Return the helpline's number as the carrier has it. Raises NumberNotFound."""
    with translated():
        found = client.incoming_phone_numbers.list(phone_number=account.number, limit=1)
    if not found:
        raise NumberNotFound("This Twilio account has no number like HELPLINE_PHONE_NUMBER.")
    return found[0]


def plan(number: IncomingPhoneNumberInstance, wanted: dict[str, str]) -> list[Change]:
    """Return what would change; an address that is not set here is left as it is there."""
    return [
        Change(name, getattr(number, name) or "", value)
        for name, value in wanted.items()
        if value and (getattr(number, name) or "") != value
    ]


def apply(number: IncomingPhoneNumberInstance, changes: list[Change]) -> None:
    """Make the changes at the carrier."""
    with translated():
        number.update(**{change.name: change.wanted for change in changes})


def check(client: Client, account: Account, settings: Settings) -> Iterator[Finding]:
    """Look at everything that has to hold before a family rings; give findings as they come."""
    yield Finding("public address", _address_fault(account.public_base))
    yield Finding("this service answers there", _reach_fault(account.public_base))
    try:
        with translated():
            state = client.api.accounts(account.sid).fetch().status
        yield Finding("credentials", "" if state == "active" else f"the account is {state}")
        number = find_number(client, account)
    except (HelplineError, TwilioException) as error:
        yield Finding("credentials and number", str(error))
        return
    can = number.capabilities or {}
    for ability in ("voice", "sms"):
        fault = "" if can.get(ability) else f"this number cannot do {ability}"
        yield Finding(f"the number does {ability}", fault)
    for change in plan(number, addresses(account, settings)):
        yield Finding(change.name, f"is {change.now or 'empty'}; make twilio-setup would set it")
    for name in ("voice_fallback_url", "sms_fallback_url"):
        fault = "" if getattr(number, name) else "is empty: if we are down, families hear nothing"
        yield Finding(name, fault)


def _address_fault(base: str) -> str:
    parts = urlsplit(base)
    if parts.scheme != "https":
        return "PUBLIC_BASE_URL must begin with https://"
    if not parts.hostname or parts.hostname in {"localhost", "127.0.0.1"} or "_" in parts.hostname:
        return "PUBLIC_BASE_URL must be a public host without underscores"
    return "" if parts.path in {"", "/"} else "PUBLIC_BASE_URL must have no path"


def _reach_fault(base: str) -> str:
    try:
        answer = httpx.get(f"{base}/health/live", timeout=REACH_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{type(error).__name__}: the carrier will not get through either"
    return "" if answer.is_success else f"it answers {answer.status_code}"
