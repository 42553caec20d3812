"""Numbers, texts, and the webhooks made about both."""

import queue
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from telephony.account import Account
from telephony.practice.webhooks import Answer, Webhooks


@dataclass
class Number:
    """One number of the account, and where its webhooks go."""

    sid: str
    phone_number: str
    voice_url: str = ""
    voice_fallback_url: str = ""
    sms_url: str = ""
    sms_fallback_url: str = ""
    status_callback: str = ""
    capabilities: dict[str, bool] = field(
        default_factory=lambda: {"voice": True, "sms": True, "mms": False}
    )


@dataclass
class Text:
    """One text, either way."""

    sid: str
    sender: str
    to: str
    body: str
    status: str
    callback: str = ""
    pictures: list[str] = field(default_factory=list)
    erased: bool = False


class Refused(Exception):
    """The carrier will not do it: one of its documented errors."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Post:
    """What the carrier does with texts, and how it calls back. Safe to use from several threads."""

    def __init__(self, account: Account, webhooks: Webhooks) -> None:
        self.account = account
        self.numbers: dict[str, Number] = {}
        self.texts: list[Text] = []
        # Numbers that cannot be texted, with the error of the REST call.
        self.text_errors: dict[str, int] = {}
        # What becomes of a text to a number after "sent", and why.
        self.text_ends: dict[str, tuple[str, int | None]] = {}
        self.guard = threading.RLock()
        self.webhooks = webhooks
        self.held: list[tuple[str, dict[str, str]]] | None = None  # a list holds callbacks back
        self._callbacks: queue.SimpleQueue[tuple[str, dict[str, str]] | None] = queue.SimpleQueue()
        self._idle = threading.Event()
        self._idle.set()
        self._pending = 0
        threading.Thread(target=self._call_back, name="callbacks", daemon=True).start()

    def text_in(
        self, sender: str, body: str, pictures: Iterable[str] = (), sid: str = ""
    ) -> Answer:
        """Text the helpline from a phone; return what its webhook, or the fallback, answered."""
        text = Text(sid or new_sid("SM"), sender, self.account.number, body, "received")
        text.pictures = [new_sid("ME") for _ in pictures]
        with self.guard:
            if all(known.sid != text.sid for known in self.texts):
                self.texts.append(text)
        number = self.numbers[self.account.number]
        return self.webhooks.ask(
            number.sms_url, self._text_parameters(text), number.sms_fallback_url
        )

    def _text_parameters(self, text: Text) -> dict[str, str]:
        media = {
            f"MediaUrl{n}": f"{self.account.api_base}/media/{sid}"
            for n, sid in enumerate(text.pictures)
        }
        return {
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "SmsMessageSid": text.sid,
            "AccountSid": self.account.sid,
            "From": text.sender,
            "To": text.to,
            "Body": text.body,
            "NumMedia": str(len(text.pictures)),
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
            **media,
        }

    def text_out(self, to: str, sender: str, body: str, callback: str) -> Text:
        """Send a text, as the REST call does. Raises Refused with the carrier's error."""
        if to in self.text_errors:
            raise refusal(self.text_errors[to])
        text = Text(new_sid("SM"), sender, to, body, "queued", callback)
        with self.guard:
            self.texts.append(text)
        self.receipt(text, "sent")
        end, code = self.text_ends.get(to, ("delivered", None))
        if end:
            self.receipt(text, end, code)
        return text

    def receipt(self, text: Text, status: str, code: int | None = None) -> None:
        """Tell the helpline where a text is."""
        text.status = status
        if text.callback:
            parameters = {
                "MessageSid": text.sid,
                "SmsSid": text.sid,
                "MessageStatus": status,
                "SmsStatus": status,
                "To": text.to,
                "From": text.sender,
                "AccountSid": self.account.sid,
                "ApiVersion": "2010-04-01",
            }
            if code is not None:
                parameters["ErrorCode"] = str(code)
            self.call_back(text.callback, parameters)

    def texts_to(self, number: str) -> list[str]:
        """Return the words of every text to this number, oldest first."""
        return [text.body for text in self.texts if text.to == number]

    # Callbacks: asynchronous, as the carrier's are

    def call_back(self, url: str, parameters: dict[str, str]) -> None:
        """Queue a callback; it is made in order, unless `held` keeps it for a test to release."""
        if self.held is not None:
            self.held.append((url, parameters))
            return
        with self.guard:
            self._pending += 1
            self._idle.clear()
        self._callbacks.put((url, parameters))

    def quiet(self, seconds: float = 10.0) -> bool:
        """Wait until every callback has been made."""
        return self._idle.wait(seconds)

    def close(self) -> None:
        """End the thread that makes callbacks."""
        self._callbacks.put(None)

    def _call_back(self) -> None:
        while (item := self._callbacks.get()) is not None:
            try:
                self.webhooks.ask(*item)
            finally:
                with self.guard:
                    self._pending -= 1
                    if not self._pending:
                        self._idle.set()


def new_sid(kind: str) -> str:
    """Return a new identifier in the carrier's form: two letters and 32 hexadecimal digits."""
    return kind + secrets.token_hex(16)


def refusal(code: int) -> Refused:
    """Return one of the carrier's errors by its code, with the HTTP status it comes with."""
    status = {20003: 401, 20404: 404, 20429: 429, 20500: 500, 20503: 503}.get(code, 400)
    return Refused(status, code, f"error {code}")
