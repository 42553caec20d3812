"""Asking the carrier: Twilio's own client, with a time limit and, in tests, another host."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from helpline.clock import utcnow
from helpline.errors import PermanentFailure, TransientFailure
from telephony.account import Account
from telephony.failures import translated

TIMEOUT_SECONDS: Final = 10
LOOK_BACK: Final = timedelta(hours=6)
LOOK_AT: Final = 20
ONE_CALL: Final = timedelta(seconds=60)  # a call to the same phone within this was the same one
_OVER: Final = {"21220", "20404"}  # the call is not in progress, or not there


class _HttpClient(TwilioHttpClient):
    """Sends to another host when one is set; the library knows only Twilio's own."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401
        if self._base.netloc:
            parts = urlsplit(url)
            url = urlunsplit((self._base.scheme, self._base.netloc, *parts[2:]))
        return super().request(method, url, *args, **kwargs)


def make_client(account: Account) -> Client:
    """Return Twilio's client for this account; nothing is read from stray TWILIO_ variables."""
    return Client(
        account.sid,
        account.token,
        http_client=_HttpClient(account.api_base),
        environment={"TWILIO_REGION": ""},
    )


class TwilioLine:
    """The core's Line, and what else is asked of the carrier. Safe to share between threads."""

    def __init__(self, account: Account, *, text_valid_seconds: int) -> None:
        self._account = account
        self._client = make_client(account)
        self._valid = text_valid_seconds

    def send_text(self, to: str, body: str, key: str, *, again: bool = False) -> str:
        """See helpline.ports.Line."""
        with translated():
            if again:
                known = self._find_text(to, body)
                if known is not None:
                    return known
            sent = self._client.messages.create(
                to=to,
                from_=self._account.number,
                body=body,
                status_callback=self._address("/telephony/sms/status", key),
                validity_period=self._valid,
            )
            return str(sent.sid)

    def ring_worker(self, to: str, handover_id: int, key: str, *, again: bool = False) -> str:
        """See helpline.ports.Line. The call says what it is about and takes a key press for yes."""
        del handover_id  # the key names the alert, which knows its handover
        return self.ring(to, "/telephony/worker/alert", key, again=again)

    def ring(self, to: str, path: str, key: str, *, again: bool = False, seconds: int = 25) -> str:
        """Ring `to`; when answered, the carrier asks `path` what to say. Return the call's id."""
        with translated():
            if again:
                known = self._find_call(to)
                if known is not None:
                    return known
            call = self._client.calls.create(
                to=to,
                from_=self._account.number,
                url=self._address(path, key),
                status_callback=self._address("/telephony/worker/status", key),
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                timeout=seconds,
            )
            return str(call.sid)

    def end_call(self, sid: str, *, answered: bool) -> None:
        """End a call of ours, ringing or answered. One that has ended already is fine."""
        try:
            with translated():
                self._client.calls(sid).update(status="completed" if answered else "canceled")
        except PermanentFailure as failure:
            if str(failure) not in _OVER:
                raise

    def fetch_recording(self, sid: str) -> bytes:
        """See helpline.ports.Switchboard."""
        base = self._account.api_base or "https://api.twilio.com"
        address = f"{base}/2010-04-01/Accounts/{self._account.sid}/Recordings/{sid}.wav"
        auth = (self._account.sid, self._account.token)
        try:
            response = requests.get(address, auth=auth, timeout=TIMEOUT_SECONDS)
        except requests.RequestException as error:
            message = f"carrier: {type(error).__name__}"
            raise TransientFailure(message) from None
        if response.status_code != HTTPStatus.OK:  # it may not be there yet, right after the call
            message = f"carrier: {response.status_code}"
            raise TransientFailure(message)
        return response.content

    def delete_recording(self, sid: str) -> None:
        """See helpline.ports.Switchboard."""
        try:
            with translated():
                self._client.recordings(sid).delete()
        except PermanentFailure as failure:
            if str(failure) not in _OVER:
                raise

    def erase_text(self, sid: str) -> None:
        """Blank a text at the carrier and delete its pictures. One that is gone is fine."""
        with translated():
            message = self._client.messages(sid)
            for picture in message.media.list(limit=LOOK_AT):
                picture.delete()
            message.update(body="")

    def _find_text(self, to: str, body: str) -> str | None:
        earlier = self._client.messages.list(
            to=to, from_=self._account.number, date_sent_after=utcnow() - LOOK_BACK, limit=LOOK_AT
        )
        return next((str(m.sid) for m in earlier if m.body == body), None)

    def _find_call(self, to: str) -> str | None:
        earlier = self._client.calls.list(
            to=to, from_=self._account.number, start_time_after=utcnow() - ONE_CALL, limit=LOOK_AT
        )
        return next((str(call.sid) for call in earlier), None)

    def _address(self, path: str, key: str) -> str:
        return f"{self._account.public_base}{path}?key={quote(key)}"
