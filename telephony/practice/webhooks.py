"""Making webhooks as the carrier does: signed, within 15 seconds, with one way out."""

from dataclasses import dataclass

import httpx
from twilio.request_validator import RequestValidator

from telephony.account import Account
from telephony.signature import SIGNATURE

TOTAL_SECONDS = 15.0
OK = range(200, 300)


@dataclass(frozen=True)
class Answer:
    """What a webhook was answered with. `fallback`: it came from the second address."""

    status: int
    body: str
    fallback: bool = False


class Webhooks:
    """Posts to the helpline. `seconds` is how long it may take, connecting included."""

    def __init__(
        self, account: Account, client: httpx.Client, seconds: float = TOTAL_SECONDS
    ) -> None:
        self._account = account
        self._client = client
        self._seconds = seconds

    def ask(self, url: str, parameters: dict[str, str], fallback: str = "") -> Answer:
        """Return the answer of `url`; if it is late or no success, that of `fallback`."""
        try:
            answer = self._post(url, parameters)
            code = "11200"
        except httpx.HTTPError:
            answer, code = Answer(0, ""), "11205"
        if answer.status in OK or not fallback:
            return answer
        try:
            failed = {**parameters, "ErrorCode": code, "ErrorUrl": url}
            second = self._post(fallback, failed)
        except httpx.HTTPError:
            return Answer(0, "", fallback=True)
        return Answer(second.status, second.body, fallback=True)

    def _post(self, url: str, parameters: dict[str, str]) -> Answer:
        signature = RequestValidator(self._account.token).compute_signature(url, parameters)
        response = self._client.post(
            url, data=parameters, headers={SIGNATURE: signature}, timeout=self._seconds
        )
        return Answer(response.status_code, response.text)
