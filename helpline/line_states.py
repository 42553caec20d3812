"""The fixed vocabularies of texts and calls, and the moves each status may make."""

from collections.abc import Mapping
from enum import StrEnum


class Reach(StrEnum):
    """What kind of address a family came from, which decides how they can be reached again."""

    MOBILE = "mobile"  # a UK mobile: texts and calls
    LANDLINE = "landline"  # a UK number that takes calls only
    ABROAD = "abroad"  # our carrier account reaches the UK only
    SHORT_CODE = "short_code"  # a short code or a name: a machine, or a shop
    HIDDEN = "hidden"  # withheld: nothing to go back to


class TextBar(StrEnum):
    """Why we must not text a contact: the carrier bars it (STOP), or they asked us in words."""

    CARRIER = "carrier"
    ASKED = "asked"


class TextStatus(StrEnum):
    """One text on its way to a family. It moves forward only, as receipts may come in any order."""

    QUEUED = "queued"
    SENDING = "sending"  # handed to the carrier, or about to be: may have left
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    BARRED = "barred"  # the family asked for no more texts
    UNREACHABLE = "unreachable"  # a landline, abroad, or hidden: never handed over

    @property
    def step(self) -> int:
        """How far along this is; a receipt never takes a text back."""
        return _TEXT_STEPS[self]

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to this text."""
        return self.step == _FINAL

    @property
    def did_not_arrive(self) -> bool:
        """Whether the family certainly did not get this text."""
        return self.is_final and self is not TextStatus.DELIVERED


_FINAL = 3
_TEXT_STEPS: Mapping[TextStatus, int] = {
    TextStatus.QUEUED: 0,
    TextStatus.SENDING: 1,
    TextStatus.SENT: 2,
    TextStatus.DELIVERED: _FINAL,
    TextStatus.UNDELIVERED: _FINAL,
    TextStatus.FAILED: _FINAL,
    TextStatus.BARRED: _FINAL,
    TextStatus.UNREACHABLE: _FINAL,
}


class CallStatus(StrEnum):
    """A call with a family. It may go back from holding to talking, never on from ended."""

    TALKING = "talking"  # with the assistant
    HOLDING = "holding"  # workers are being rung
    WITH_WORKER = "with_worker"
    ENDED = "ended"


class Wish(StrEnum):
    """What a caller who waits would rather have."""

    CALL_BACK = "call_back"
    VOICEMAIL = "voicemail"


class DialPurpose(StrEnum):
    """Why a worker's phone is rung."""

    LIVE = "live"  # a caller is on the line
    RING_BACK = "ring_back"  # to be put through to a family, by the helpline's number


class DialStatus(StrEnum):
    """One ring of one worker's phone, from the wish to its end."""

    QUEUED = "queued"
    RINGING = "ringing"
    ANSWERED = "answered"  # somebody, or a voicemail, hears the whisper
    ACCEPTED = "accepted"  # a key was pressed: a human, and theirs
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    NO_KEY = "no_key"  # answered, and no key: a personal voicemail, most likely
    BUSY = "busy"
    FAILED = "failed"
    TAKEN = "taken"  # somebody else was first
    CALLER_GONE = "caller_gone"

    @property
    def is_open(self) -> bool:
        """Whether this phone may still take the call."""
        return self in {DialStatus.QUEUED, DialStatus.RINGING, DialStatus.ANSWERED}
