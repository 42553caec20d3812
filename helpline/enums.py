"""The fixed vocabularies of the helpline, and the moves each status may make."""

from collections.abc import Mapping
from enum import StrEnum

from helpline.errors import Conflict


class Channel(StrEnum):
    """Where a message came from and where its answer goes."""

    WEB = "web"
    SMS = "sms"
    VOICE = "voice"


class Sender(StrEnum):
    """Who said a message."""

    FAMILY = "family"
    ASSISTANT = "assistant"
    WORKER = "worker"
    SYSTEM = "system"


class Severity(StrEnum):
    """How soon a person must act: immediate is danger to life now, urgent is a person today."""

    NONE = "none"
    URGENT = "urgent"
    IMMEDIATE = "immediate"

    @property
    def rank(self) -> int:
        """0 for none, 1 for urgent, 2 for immediate."""
        return list(Severity).index(self)


class ConcernKind(StrEnum):
    """The nine safeguarding concerns (facts: safety notes, section 1)."""

    SUICIDE_SELF_HARM = "suicide_self_harm"
    MEDICAL_EMERGENCY = "medical_emergency"
    CRITICAL_MEDICINE = "critical_medicine"
    VIOLENCE_ABUSE = "violence_abuse"
    MENTAL_HEALTH_CRISIS = "mental_health_crisis"
    NEGLECT_DETERIORATION = "neglect_deterioration"
    CHILD_AT_RISK = "child_at_risk"
    CALLER_SAFETY = "caller_safety"
    DEATH = "death"
    CHECK_FAILED = "check_failed"  # the screen itself broke: counts as a concern, a person looks


class RaisedBy(StrEnum):
    """What noticed a concern."""

    RULE = "rule"
    MODEL = "model"
    WORKER = "worker"


class Outcome(StrEnum):
    """How one family message was met. There is always one."""

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    HANDED_OVER = "handed_over"
    UNANSWERED = "unanswered"


class ConversationStatus(StrEnum):
    """Open until someone closes it; a closed one takes no more messages."""

    OPEN = "open"
    CLOSED = "closed"


class HandoverStatus(StrEnum):
    """A worker takes over from the assistant: requested, claimed, closed."""

    REQUESTED = "requested"
    CLAIMED = "claimed"
    CLOSED = "closed"


class HandoverReason(StrEnum):
    """Why a person is needed."""

    CONCERN = "concern"
    ASKED_FOR_PERSON = "asked_for_person"
    NOT_UNDERSTOOD = "not_understood"
    ASSISTANT_FAILED = "assistant_failed"
    OUT_OF_DATE = "out_of_date"


class RevisionStatus(StrEnum):
    """Life of one immutable wording of a topic."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class ShiftCover(StrEnum):
    """What a shift takes: everything, or only immediate concerns (on call)."""

    ALL = "all"
    IMMEDIATE = "immediate"


CONVERSATION_MOVES: Mapping[ConversationStatus, frozenset[ConversationStatus]] = {
    ConversationStatus.OPEN: frozenset({ConversationStatus.CLOSED}),
    ConversationStatus.CLOSED: frozenset(),
}
HANDOVER_MOVES: Mapping[HandoverStatus, frozenset[HandoverStatus]] = {
    HandoverStatus.REQUESTED: frozenset({HandoverStatus.CLAIMED, HandoverStatus.CLOSED}),
    # Handing back to the queue is a move too: the next worker claims it.
    HandoverStatus.CLAIMED: frozenset({HandoverStatus.REQUESTED, HandoverStatus.CLOSED}),
    HandoverStatus.CLOSED: frozenset(),
}
REVISION_MOVES: Mapping[RevisionStatus, frozenset[RevisionStatus]] = {
    RevisionStatus.DRAFT: frozenset({RevisionStatus.PUBLISHED, RevisionStatus.WITHDRAWN}),
    RevisionStatus.PUBLISHED: frozenset({RevisionStatus.SUPERSEDED, RevisionStatus.WITHDRAWN}),
    RevisionStatus.SUPERSEDED: frozenset(),
    RevisionStatus.WITHDRAWN: frozenset(),
}


def move[S: StrEnum](moves: Mapping[S, frozenset[S]], current: S, to: S) -> S:
    """Return `to` if the table allows it from `current`; raise Conflict if not."""
    if to not in moves[current]:
        message = f"a {type(current).__name__} cannot go from {current} to {to}"
        raise Conflict(message)
    return to
