"""Reading the address a text or call came from: a number we may use again, or none."""

import re
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

from helpline.line_states import Reach

UK: Final = 44
# Words on a keypad that carriers send in place of a withheld number.
PLACEHOLDERS: Final = frozenset(
    "+" + "".join(keys)
    for keys in (
        "266696687",  # anonymous
        "86282452253",  # unavailable
        "8656696",  # unknown
        "2562533",  # blocked
        "7378742833",  # restricted
        "464",  # private
    )
)

_E164: Final = re.compile(r"\+[1-9]\d{7,14}")
# Ofcom keeps 07700 900xxx free for drama; the numbering plan's tables do not know it as a mobile.
_UK_MOBILE: Final = re.compile(r"\+447[1-9]\d{8}")


@dataclass(frozen=True)
class Address:
    """Where somebody came from. `number` is E.164, None when there is nothing to go back to."""

    number: str | None
    reach: Reach

    @property
    def can_be_texted(self) -> bool:
        """Whether a text would reach this person and nobody else's ear.

        A text to a landline is read out by a machine to whoever answers.
        """
        return self.reach is Reach.MOBILE

    @property
    def can_be_rung(self) -> bool:
        """Whether we could ring this number back."""
        return self.reach in {Reach.MOBILE, Reach.LANDLINE}


HIDDEN: Final = Address(None, Reach.HIDDEN)


def read_address(raw: str | None) -> Address:
    """Return what `raw`, a carrier's `From`, is. Never raises: what cannot be read is hidden."""
    given = (raw or "").strip()
    if given in PLACEHOLDERS:
        return HIDDEN
    if not _E164.fullmatch(given):
        named = bool(given) and ":" not in given and not _says_hidden(given)
        return Address(None, Reach.SHORT_CODE) if named else HIDDEN
    number = _parse(given, None)
    return HIDDEN if number is None else Address(given, _reach(given, number))


def _reach(e164: str, number: phonenumbers.PhoneNumber) -> Reach:
    if number.country_code != UK:
        return Reach.ABROAD
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.MOBILE or _UK_MOBILE.fullmatch(e164):
        return Reach.MOBILE
    return Reach.LANDLINE


def read_spoken_number(digits: str) -> Address:
    """Return the UK number in what somebody keyed or said, hidden when it is none.

    "07700 900123", "00447700900123" and "7700900123" are the same mobile.
    """
    kept = re.sub(r"[^\d+]", "", digits)
    number = _parse(kept, "GB")
    if number is None:
        return HIDDEN
    return read_address(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def for_the_ear(number: str) -> str:
    """Return a number as it is read back: "0 7 7 0 0, 9 0 0 1 2 3"."""
    parsed = phonenumbers.parse(number, "GB")
    shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return ", ".join(" ".join(group) for group in shown.split())


def _parse(given: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    """Return the number in `given` if there could be one of its length, None otherwise."""
    try:
        number = phonenumbers.parse(given, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _says_hidden(given: str) -> bool:
    words = ("anonymous", "unknown", "restricted", "unavailable", "private", "withheld", "blocked")
    return any(word in given.lower() for word in words)
