"""A conversation with the real assistant, as the core would hold it."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from bot.client import RasaAssistant
from helpline.enums import Channel, Outcome
from helpline.guide.replies import AnswerReply, Choice, HandoverReply, Reply, TrailReply
from helpline.ports import TurnContext

_numbers = count(1)


class Turn:
    """What came back for one message."""

    def __init__(self, replies: tuple[Reply, ...]) -> None:
        self.replies = replies

    @property
    def kinds(self) -> list[str]:
        """The kinds of reply without the trail."""
        return [reply.kind for reply in self.replies[:-1]]

    @property
    def answered(self) -> list[str]:
        """The topics that were answered."""
        return [reply.topic for reply in self.replies if isinstance(reply, AnswerReply)]

    @property
    def phrases(self) -> list[str]:
        """The fixed phrases that were said."""
        return [reply.phrase for reply in self.replies if reply.kind == "phrase"]

    @property
    def choices(self) -> list[Choice]:
        """What the family can pick: the choices of the last words that have any."""
        offers = [getattr(r, "choices", None) or getattr(r, "next", ()) for r in self.replies]
        return list(next((offer for offer in reversed(offers) if offer), ()))

    @property
    def payloads(self) -> list[str]:
        """What those choices mean."""
        return [choice.payload for choice in self.choices]

    @property
    def handed_over(self) -> bool:
        """Whether a person was asked for."""
        return any(isinstance(reply, HandoverReply) for reply in self.replies)

    @property
    def text(self) -> str:
        """Everything that was said."""
        return "\n".join(getattr(reply, "text", "") for reply in self.replies)

    @property
    def trail(self) -> TrailReply:
        """How it was decided."""
        trail = self.replies[-1]
        assert isinstance(trail, TrailReply)
        return trail

    @property
    def outcome(self) -> Outcome:
        """How the message was met."""
        return self.trail.outcome


@pytest.fixture
def talk(rasa_assistant: RasaAssistant) -> Iterator[Callable[..., Turn]]:
    """Say something in a new conversation; keyword arguments change what the core knows."""
    key = f"dialogue{next(_numbers)}"

    def say(words: str, **context: object) -> Turn:
        return Turn(
            rasa_assistant.answer(key, words, TurnContext(**{"channel": Channel.WEB, **context}))
        )

    yield say
    rasa_assistant.forget(key)
