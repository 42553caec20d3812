"""One side of a call: what it hears, what it waits for, and what may happen to it next."""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from xml.etree.ElementTree import Element

LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})


class Waits(StrEnum):
    """What a leg waits for."""

    PICK_UP = "pick_up"
    INPUT = "input"  # a Gather: words, keys, or nothing
    PAUSE = "pause"
    RECORDING = "recording"
    DIAL = "dial"  # rings somebody, or stands at the head of an empty queue
    TALK = "talk"  # bridged


@dataclass(frozen=True)
class Heard:
    """One line of a call's transcript."""

    who: str  # helpline | here | note
    words: str


@dataclass
class Document:
    """A TwiML document being played. `hold` is the one that a waiting caller hears."""

    url: str
    verbs: deque[Element]
    hold: bool = False


@dataclass
class Leg:
    """One phone in a call. `other` is the phone it talks to, once they are put together."""

    sid: str
    direction: str  # inbound | outbound-api | outbound-dial
    caller: str
    called: str
    status: str
    callback: str = ""
    events: frozenset[str] = frozenset({"completed"})
    url: str = ""
    parent: str = ""
    documents: list[Document] = field(default_factory=list)
    waits: Waits | None = None
    verb: Element | None = None  # the verb it waits in
    other: "Leg | None" = None
    queue: str = ""
    enqueue: Element | None = None
    sequence: int = 0
    heard: list[Heard] = field(default_factory=list)
    twiml: list[str] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """Whether the call has not ended."""
        return self.status in LIVE

    @property
    def place(self) -> str:
        """The address of the document being played, against which others are read."""
        return self.documents[-1].url if self.documents else self.url

    def hear(self, words: str) -> None:
        """Add what the helpline says."""
        self.heard.append(Heard("helpline", " ".join(words.split())))

    def utter(self, words: str) -> None:
        """Add what is said or pressed at this phone."""
        self.heard.append(Heard("here", words))

    def note(self, words: str) -> None:
        """Add what happened without a word."""
        self.heard.append(Heard("note", words))

    def as_dict(self) -> dict[str, Any]:
        """Describe this leg for the practice page."""
        gather = self.verb is not None and self.waits is Waits.INPUT
        return {
            "sid": self.sid,
            "direction": self.direction,
            "caller": self.caller,
            "called": self.called,
            "status": self.status,
            "waits": self.waits.value if self.waits else "",
            "in_queue": bool(self.queue),
            "seconds": int(self.verb.get("timeout", "5"))
            if gather and self.verb is not None
            else int(self.verb.get("length", "1"))
            if self.verb is not None
            else 0,
            "speech": gather and self.verb is not None and "speech" in self.verb.get("input", ""),
            "heard": [{"who": line.who, "words": line.words} for line in self.heard],
        }
