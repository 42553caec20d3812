"""What the core needs from outside, as Protocols.

Real ones live in bot/ and telephony/; the fakes live here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from helpline.enums import AlertWay, Channel, Outcome
from helpline.errors import PermanentFailure, TransientFailure
from helpline.guide.replies import PhraseReply, Reply, TrailReply


@dataclass(frozen=True, kw_only=True)
class TurnContext:
    """What the assistant may know about a conversation besides the words: no names, no numbers."""

    channel: Channel
    prison: str | None = None
    prison_candidates: tuple[str, ...] = ()
    handover: str = "none"  # none | requested | claimed
    earlier: str = ""  # what the family wrote just before: danger may be told over two messages


class Assistant(Protocol):
    """Answers one family message from the guide."""

    def answer(self, key: str, text: str, context: TurnContext) -> tuple[Reply, ...]:
        """Return the replies of one turn, the last of which is a TrailReply.

        `key` is the conversation's opaque id; `text` is what the family wrote, or the payload of a
        choice ("/<topic-id>"). Raises TransientFailure when the assistant is slow, wrong or dead;
        an empty turn counts as dead.
        """

    def forget(self, key: str) -> None:
        """Erase everything the assistant keeps about this conversation."""


class Line(Protocol):
    """Reaches a phone: the carrier, or in practice mode nobody.

    `key` names one text or call for ever. The caller writes it down before it asks, and asks again
    with `again=True` when an earlier ask ended without anyone knowing how (the process died, the
    carrier timed out): the line then looks at the carrier for what that key may already have sent,
    and returns its id rather than sending twice.

    Both return the provider's id, raise TransientFailure when trying again may help, and
    PermanentFailure, its text a short code, when it cannot.
    """

    def send_text(self, to: str, body: str, key: str, *, again: bool = False) -> str:
        """Text `body` to the E.164 number `to`."""

    def ring_worker(self, to: str, handover_id: int, key: str, *, again: bool = False) -> str:
        """Ring a worker at `to`: a family needs them; a key press says they have it."""


class Switchboard(Protocol):
    """Rings phones for calls that are put through, and looks after what the carrier recorded.

    Raises TransientFailure and PermanentFailure as Line does.
    """

    def ring(self, to: str, path: str, key: str, *, again: bool = False, seconds: int = 25) -> str:
        """Ring `to` for so many seconds; once answered, the carrier asks our `path` what to say."""

    def end_call(self, sid: str, *, answered: bool) -> None:
        """End a call of ours. One that is over is fine."""

    def fetch_recording(self, sid: str) -> bytes:
        """Return a recording as WAV."""

    def delete_recording(self, sid: str) -> None:
        """Delete a recording at the carrier. One that is gone is fine."""


@dataclass(frozen=True)
class Taken:
    """One text or call that a FakeLine took."""

    way: AlertWay
    to: str
    key: str
    body: str = ""


@dataclass
class FakeLine:
    """A line for tests. Numbers in `dead` fail for good, those in `slow` fail for now."""

    dead: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    taken: list[Taken] = field(default_factory=list)

    def send_text(self, to: str, body: str, key: str, *, again: bool = False) -> str:
        """See Line.send_text."""
        return self._take(Taken(AlertWay.TEXT, to, key, body), again=again)

    def ring_worker(self, to: str, handover_id: int, key: str, *, again: bool = False) -> str:
        """See Line.ring_worker."""
        return self._take(Taken(AlertWay.CALL, to, key, str(handover_id)), again=again)

    def _take(self, asked: Taken, *, again: bool) -> str:
        known = any(earlier.key == asked.key for earlier in self.taken)
        if not (again and known):
            if asked.to in self.dead:
                raise PermanentFailure("unreachable")
            if asked.to in self.slow:
                raise TransientFailure("fake line: told to fail for now")
            self.taken.append(asked)
        return f"fake-{asked.key}"


@dataclass
class FakeAssistant:
    """An assistant for tests: `script` maps a text to replies, `fails` makes every call fail."""

    script: dict[str, tuple[Reply, ...]] = field(default_factory=dict)
    default: Callable[[str], tuple[Reply, ...]] | None = None
    fails: bool = False
    asked: list[tuple[str, str, TurnContext]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    def answer(self, key: str, text: str, context: TurnContext) -> tuple[Reply, ...]:
        """See Assistant.answer."""
        self.asked.append((key, text, context))
        if self.fails:
            raise TransientFailure("fake assistant: told to fail")
        if text in self.script:
            return self.script[text]
        if self.default is not None:
            return self.default(text)
        return (
            PhraseReply(phrase="not_understood", text="fake words"),
            TrailReply(topic=None, confidence=0.0, outcome=Outcome.UNANSWERED),
        )

    def forget(self, key: str) -> None:
        """See Assistant.forget."""
        self.forgotten.append(key)
