"""What the core needs from outside, as Protocols.

Real ones live in bot/ and telephony/; the fakes live here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from helpline.enums import Channel, Outcome
from helpline.errors import TransientFailure
from helpline.guide.replies import PhraseReply, Reply, TrailReply


@dataclass(frozen=True, kw_only=True)
class TurnContext:
    """What the assistant may know about a conversation besides the words: no names, no numbers."""

    channel: Channel
    prison: str | None = None
    prison_candidates: tuple[str, ...] = ()
    handover: str = "none"  # none | requested | claimed


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
