"""What one turn of the assistant may return: the wire between Rasa's actions and the core.

The action server sends each of these as the `custom` part of a Rasa bot message; `bot.client` reads
them back. Unknown keys are errors on both sides, so neither can drift alone.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from helpline.enums import ConcernKind, HandoverReason, Outcome, Severity


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Choice(_Wire):
    """One thing to pick: `label` is shown and may be typed, `payload` is what it means."""

    label: str
    payload: str  # "/<topic-id>" or "prison:<prison key>"


class SourceRef(_Wire):
    """Where an answer's facts come from, and when someone last looked."""

    title: str
    url: str
    seen: date


class TopicScore(_Wire):
    """A topic the assistant considered, with its confidence between 0 and 1."""

    topic: str
    confidence: float


class AnswerReply(_Wire):
    """A published answer, word for word from one revision of the guide."""

    kind: Literal["answer"] = "answer"
    topic: str
    revision_id: int | None
    text: str
    sources: tuple[SourceRef, ...] = ()
    last_checked: date | None = None
    approved: bool = False
    next: tuple[Choice, ...] = ()


class ClarifyReply(_Wire):
    """A question back, because two topics are close."""

    kind: Literal["clarify"] = "clarify"
    text: str
    choices: tuple[Choice, ...]


class PhraseReply(_Wire):
    """A fixed phrase of guide_content/phrases.yml."""

    kind: Literal["phrase"] = "phrase"
    phrase: str
    text: str
    choices: tuple[Choice, ...] = ()


class HandoverReply(_Wire):
    """The assistant asks for a person; the core writes the words and the promise."""

    kind: Literal["handover"] = "handover"
    reason: HandoverReason


class ConcernReply(_Wire):
    """The second opinion inside Rasa raised a concern. It may raise, never lower."""

    kind: Literal["concern"] = "concern"
    concern: ConcernKind
    severity: Severity
    confidence: float


class CheckReply(_Wire):
    """The second opinion is in doubt: ask whether someone is in danger. Never a catch by itself."""

    kind: Literal["check"] = "check"
    concern: ConcernKind
    confidence: float


class TrailReply(_Wire):
    """How the turn was decided. Exactly one a turn, always last."""

    kind: Literal["trail"] = "trail"
    topic: str | None
    confidence: float
    alternatives: tuple[TopicScore, ...] = ()
    outcome: Outcome


Reply = Annotated[
    AnswerReply
    | ClarifyReply
    | PhraseReply
    | HandoverReply
    | ConcernReply
    | CheckReply
    | TrailReply,
    Field(discriminator="kind"),
]
ReplyAdapter: TypeAdapter[Reply] = TypeAdapter(Reply)
