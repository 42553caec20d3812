"""The check question: asked where a layer is in doubt, and what the answer to it does.

It is never a catch by itself. A yes raises the concern in the transaction that stores the yes,
with Rasa dead or alive; a no leaves the door open; silence is put before a person; anything else is
a message like any other.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import handover, jobs
from helpline.choices import resolve
from helpline.clock import utcnow
from helpline.enums import ConcernKind, HandoverStatus, Sender, Severity, TaskKind
from helpline.guide.replies import Choice
from helpline.messages import add_message, last_outbound, lock
from helpline.models import Conversation, Message, Task
from helpline.safety import About, ConcernFound, Screening, says_no, says_yes
from helpline.service import Service
from helpline.tasks import open_task

KIND = "check"  # of the message that asks
SILENCE = timedelta(minutes=15)
READ_WITHIN = timedelta(hours=1)
YES, NO = "check:yes", "check:no"
RULE = "check-answered-yes"


def about(kind: ConcernKind) -> About:
    """Return who is in danger when only the kind of concern is known."""
    return About.CALLER if kind is ConcernKind.CALLER_SAFETY else About.INSIDE


def doubt(kind: ConcernKind, whom: About) -> dict[str, str]:
    """Return what is remembered of a doubt, in a message's details."""
    return {"concern": kind.value, "about": whom.value}


def ask(
    session: Session,
    service: Service,
    conversation: Conversation,
    message: Message,
    remembered: dict[str, Any],
) -> None:
    """Ask whether someone is in danger now.

    Not while a person is on the way because of a concern: they will read this message too.
    """
    current = handover.find_open(session, conversation)
    if current is not None and current.severity is not Severity.NONE:
        return
    guide, channel = service.guide, conversation.channel
    choices = (
        Choice(label=guide.phrase("check_yes_label", channel), payload=YES),
        Choice(label=guide.phrase("check_no_label", channel), payload=NO),
    )
    asked = add_message(
        session,
        conversation,
        Sender.ASSISTANT,
        guide.phrase("check_question", channel, prison_key=conversation.prison),
        in_reply_to=message,
        choices=[choice.model_dump() for choice in choices],
        details={"kind": KIND, "doubt": remembered},
    )
    jobs.enqueue(
        session,
        jobs.CHECK_SILENCE,
        lock=conversation.lock,
        delay_seconds=int(SILENCE.total_seconds()),
        message_id=asked.id,
    )


def note_silence(session: Session, message_id: int) -> Task | None:
    """Where nobody answered the check question, open a task: a person reads what was written.

    Silence is no catch and no no. None when the family wrote again, or a person is on the way.
    """
    asked = session.get_one(Message, message_id)
    conversation = session.get_one(Conversation, asked.conversation_id)
    lock(session, conversation)
    wrote = session.scalar(
        select(Message.id)
        .where(
            Message.conversation_id == conversation.id,
            Message.sender == Sender.FAMILY,
            Message.n > asked.n,
        )
        .limit(1)
    )
    if wrote is not None or handover.find_open(session, conversation) is not None:
        return None
    return open_task(
        session,
        TaskKind.OTHER,
        due_at=utcnow() + READ_WITHIN,
        opened_by="check_question",
        key=f"check_silence:{asked.id}",
        conversation_id=conversation.id,
        reason="check_unanswered",
    )


def find_asked(session: Session, conversation: Conversation) -> Message | None:
    """Return the check question if it is the last thing the family was told."""
    last = last_outbound(session, conversation)
    return last if last is not None and last.details.get("kind") == KIND else None


def read_answer(asked: Message, message: Message) -> str | None:
    """Return YES or NO if `message` is an answer to the check question, else None."""
    text, payload = message.text or "", message.details.get("payload")
    picked = resolve(text, [Choice(**choice) for choice in asked.choices])
    if payload in {YES, NO}:
        return str(payload)
    if picked is not None:
        return picked.payload
    if says_yes(text):
        return YES
    return NO if says_no(text) else None


def confirmed(asked: Message) -> Screening:
    """Return the concern that a yes makes of the doubt: danger now, so immediate."""
    remembered = asked.details["doubt"]
    kind, whom = ConcernKind(remembered["concern"]), About(remembered["about"])
    found = ConcernFound(kind, Severity.IMMEDIATE, (RULE,), whom)
    return Screening((found,), found.severity, whom)


def leave_the_door_open(
    session: Session, service: Service, conversation: Conversation, message: Message
) -> None:
    """After a no: say what to do if that changes. Nothing is said over a worker."""
    current = handover.find_open(session, conversation)
    if current is not None and current.status is HandoverStatus.CLAIMED:
        return
    phrase = "check_answered_no"
    add_message(
        session,
        conversation,
        Sender.ASSISTANT,
        service.guide.phrase(phrase, conversation.channel, prison_key=conversation.prison),
        in_reply_to=message,
        details={"kind": "phrase", "phrase": phrase},
    )
