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


class Rung(StrEnum):
    """Who a step of the ladder alerts, in this order."""

    FIRST = "first"
    SECOND = "second"
    DUTY_LEAD = "duty_lead"
    FALLBACK = "fallback"


class AlertWay(StrEnum):
    """How a worker is told, or said that they have seen it."""

    DESK = "desk"
    TEXT = "text"
    CALL = "call"


class AlertKind(StrEnum):
    """Why a worker is alerted."""

    CONCERN = "concern"  # a step of the ladder
    PERSON_ASKED_FOR = "person_asked_for"
    MORE_SAID = "more_said"  # a further concern in a conversation somebody already has
    TAKEN_BACK = "taken_back"  # "ignore that": it stays open, the worker decides
    PROMISE_MISSED = "promise_missed"


class AlertStatus(StrEnum):
    """Life of one alert. `sending` is written before the carrier is asked, so a crash shows."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    ACKNOWLEDGED = "acknowledged"
    NOT_NEEDED = "not_needed"  # somebody acknowledged before it was sent


class TaskKind(StrEnum):
    """Work for a person that a conversation alone does not hold."""

    CALL_BACK = "call_back"
    VOICEMAIL = "voicemail"
    FAILED_TEXT = "failed_text"
    TEXTING_BARRED = "texting_barred"
    MISSED_PROMISE = "missed_promise"
    CHECK_IN = "check_in"  # with a worker, after a hard case
    ROTA_GAP = "rota_gap"
    CHECK_HOLIDAYS = "check_holidays"
    OTHER = "other"


class TaskStatus(StrEnum):
    """Open until someone owns it; done or given up with words that say why."""

    OPEN = "open"
    OWNED = "owned"
    DONE = "done"
    GIVEN_UP = "given_up"


class AttemptResult(StrEnum):
    """How one try to reach somebody went."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    LEFT_MESSAGE = "left_message"
    REFUSED = "refused"
    WRONG_NUMBER = "wrong_number"
    FAILED = "failed"


class RecordKind(StrEnum):
    """One entry of the safeguarding record (facts: safety notes, section 4)."""

    OPENED = "opened"
    WHO = "who"  # who said it about whom
    ATTEMPT = "attempt"  # to get through to the prison or others
    TOLD = "told"  # who was told, and what they said
    FACT = "fact"
    HEARSAY = "hearsay"
    OPINION = "opinion"
    DECISION = "decision"  # with its reason, "no action" too
    OUTCOME = "outcome"
    CORRECTION = "correction"


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
ALERT_MOVES: Mapping[AlertStatus, frozenset[AlertStatus]] = {
    AlertStatus.QUEUED: frozenset(
        {
            AlertStatus.SENDING,
            AlertStatus.SENT,
            AlertStatus.FAILED,
            AlertStatus.ACKNOWLEDGED,
            AlertStatus.NOT_NEEDED,
        }
    ),
    AlertStatus.SENDING: frozenset(
        {AlertStatus.SENT, AlertStatus.DELIVERED, AlertStatus.FAILED, AlertStatus.ACKNOWLEDGED}
    ),
    AlertStatus.SENT: frozenset(
        {AlertStatus.DELIVERED, AlertStatus.FAILED, AlertStatus.ACKNOWLEDGED}
    ),
    AlertStatus.DELIVERED: frozenset({AlertStatus.ACKNOWLEDGED}),
    # A receipt may be wrong; a worker who says they saw it is not.
    AlertStatus.FAILED: frozenset({AlertStatus.ACKNOWLEDGED}),
    AlertStatus.ACKNOWLEDGED: frozenset(),
    AlertStatus.NOT_NEEDED: frozenset(),
}
TASK_MOVES: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.OPEN: frozenset({TaskStatus.OWNED, TaskStatus.DONE, TaskStatus.GIVEN_UP}),
    # Given back to the list, or to someone else.
    TaskStatus.OWNED: frozenset(
        {TaskStatus.OPEN, TaskStatus.OWNED, TaskStatus.DONE, TaskStatus.GIVEN_UP}
    ),
    TaskStatus.DONE: frozenset(),
    TaskStatus.GIVEN_UP: frozenset(),
}


def move[S: StrEnum](moves: Mapping[S, frozenset[S]], current: S, to: S) -> S:
    """Return `to` if the table allows it from `current`; raise Conflict if not."""
    if to not in moves[current]:
        message = f"a {type(current).__name__} cannot go from {current} to {to}"
        raise Conflict(message)
    return to
