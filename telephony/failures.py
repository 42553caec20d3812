"""Twilio's errors as ours: what may help if tried again, and what never will.

Codes: twilio.com/docs/api/errors. New ones appear without notice: an unknown code counts by its
HTTP status, and is logged as an error so that somebody looks it up.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException

from helpline.errors import PermanentFailure, TransientFailure

TRANSIENT: Final = frozenset(
    {
        20429,  # too many requests
        20500,  # internal error at Twilio
        20503,  # service unavailable
        14107,  # message rate exceeded
        21611,  # this sender's queue is full
        30001,  # queue overflow
        31206,  # rate exceeded
    }
)
PERMANENT: Final = frozenset(
    {
        10001, 10002,  # account not active, trial limits
        13223, 13224, 13225, 13226, 13227,  # a number that cannot be dialled
        20003,  # wrong credentials
        20404,  # no such thing
        21201, 21202, 21203, 21205, 21210, 21211, 21212, 21213, 21214, 21215, 21216, 21217, 21219,
        21220,  # the call is over
        21408,  # this country is not allowed
        21601, 21602, 21603, 21604, 21605, 21606, 21607, 21608,
        21610,  # the recipient has sent STOP
        21612, 21614, 21617, 21635,
        30002, 30003, 30004, 30005, 30006, 30007, 30008, 30036,
        32018,
    }
)  # fmt: skip
KNOWN: Final = TRANSIENT | PERMANENT

log = logging.getLogger(__name__)


def is_transient(code: int | None, status: int | None) -> bool:
    """Whether the same request may succeed later."""
    if code in TRANSIENT:
        return True
    if code in PERMANENT:
        return False
    return status is None or status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500  # noqa: PLR2004


@contextmanager
def translated() -> Iterator[None]:
    """Turn what Twilio's library raises into TransientFailure or PermanentFailure (its code)."""
    try:
        yield
    except TwilioRestException as error:
        if error.code not in KNOWN:
            log.error("carrier error not in our table", extra={"reason": str(error.code)})  # noqa: TRY400 - its text quotes the number
        if is_transient(error.code, error.status):
            message = f"carrier: {error.code or error.status}"
            raise TransientFailure(message) from None
        raise PermanentFailure(str(error.code or error.status)) from None
    except (requests.RequestException, TwilioException) as error:
        message = f"carrier: {type(error).__name__}"
        raise TransientFailure(message) from None
