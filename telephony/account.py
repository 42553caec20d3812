"""Whose account at which carrier: Twilio's, or in practice mode the practice exchange's."""

import hashlib
import hmac
from dataclasses import dataclass

from helpline.phone_words import read_practice_phone
from helpline.settings import Settings


@dataclass(frozen=True)
class Account:
    """What both directions need. `api_base` is empty for Twilio's own host."""

    sid: str
    token: str
    public_base: str
    number: str
    api_base: str
    practice: bool


def account_of(settings: Settings) -> Account | None:
    """Return the account in use, or None when it is only half set: then every webhook is refused.

    In practice mode sid and token are derived from the service's own secret, so that the practice
    exchange can sign as a carrier does and nobody else can.
    """
    token = settings.twilio_auth_token.get_secret_value()
    if not settings.practice_mode:
        return Account(
            sid=settings.twilio_account_sid,
            token=token,
            public_base=settings.public_base_url.rstrip("/"),
            number=settings.phone_number,
            api_base=settings.twilio_api_base_url.rstrip("/"),
            practice=False,
        )
    secret = settings.secret_key.get_secret_value()
    if settings.twilio_account_sid or token or not secret:
        return None
    return Account(
        sid="AC" + _derived(secret, "sid"),
        token=_derived(secret, "token"),
        public_base=f"http://127.0.0.1:{settings.port}",
        number=read_practice_phone(settings.guide_folder).helpline,
        api_base=settings.twilio_api_base_url.rstrip("/") or settings.practice_phone_url,
        practice=True,
    )


def _derived(secret: str, name: str) -> str:
    return hmac.new(secret.encode(), f"practice {name}".encode(), hashlib.sha256).hexdigest()[:32]
