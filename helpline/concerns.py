"""Concerns noticed in a message: written down with their handover and record, then answered."""

from datetime import datetime

from sqlalchemy.orm import Session

from helpline import alerts, audit, deadlines, handover, record, rota
from helpline.clock import clock_words, short_clock_words
from helpline.enums import (
    AlertKind,
    AlertWay,
    Channel,
    HandoverReason,
    HandoverStatus,
    Outcome,
    RaisedBy,
    Rung,
    Sender,
)
from helpline.messages import add_message
from helpline.models import Concern, Conversation, Handover, Message
from helpline.rota import Promise
from helpline.safety import Screening
from helpline.safety.reply import compose
from helpline.safety.taken_back import only_takes_back, takes_back
from helpline.service import Service


def raise_concerns(
    session: Session,
    service: Service,
    conversation: Conversation,
    message: Message,
    screening: Screening,
    now: datetime,
    raised_by: RaisedBy = RaisedBy.RULE,
) -> Handover:
    """Store every concern found, its handover, record and jobs, and the safety reply.

    All in the caller's transaction. While a worker holds the conversation the assistant stays
    silent: the worker is alerted instead. What was acknowledged before is alerted anew, for nobody
    has seen this yet.
    """
    again = handover.find_open(session, conversation)
    repeated = again is not None and again.reason is HandoverReason.CONCERN
    raised = handover.request(
        session,
        service,
        conversation,
        reason=HandoverReason.CONCERN,
        severity=screening.severity,
        now=now,
    )
    if again is not None:
        deadlines.restart_ladder(session, raised, now)
    for found in screening.concerns:
        concern = Concern(
            conversation_id=conversation.id,
            message_id=message.id,
            handover_id=raised.id,
            kind=found.kind,
            severity=found.severity,
            raised_by=raised_by,
            rules=list(found.rules),
        )
        session.add(concern)
        session.flush()
        audit.record(
            session,
            actor=raised_by,
            action="concern_raised",
            subject_type="concern",
            subject_id=concern.id,
            kind=found.kind,
            severity=found.severity,
            rules=list(found.rules),
            handover_id=raised.id,
        )
    message.concern = screening.concerns[0].kind
    message.severity = screening.severity
    message.handover_id = raised.id
    record.add(
        session,
        raised.id,
        record.Opened(
            message_id=message.id,
            concerns=[found.kind for found in screening.concerns],
            severity=screening.severity,
            raised_by=raised_by,
            rules=[rule for found in screening.concerns for rule in found.rules],
            channel=conversation.channel,
            prison=conversation.prison,
        ),
        author=raised_by,
    )
    if raised.status is not HandoverStatus.CLAIMED:
        add_message(
            session,
            conversation,
            Sender.ASSISTANT,
            compose_words(
                service,
                screening,
                conversation,
                handover.promise_of(raised),
                now,
                again=repeated,
            ),
            in_reply_to=message,
            concern=message.concern,
            severity=message.severity,
            handover_id=raised.id,
            details={"kind": "safety", **handover.promise_details(raised)},
        )
    return raised


def take_back(
    session: Session,
    service: Service,
    conversation: Conversation,
    message: Message,
    now: datetime,
) -> bool:
    """Pass "ignore that" to the worker of an open concern; say whether that was all there was.

    Nothing is closed and no clock stops: a worker decides, with a reason. True means the message
    is answered. The caller holds the conversation's row and found no new danger in the message.
    """
    text = message.text or ""
    held = handover.find_open(session, conversation)
    if held is None or held.reason is not HandoverReason.CONCERN or not takes_back(text):
        return False
    message.handover_id = held.id
    message.details = {**message.details, "taken_back": True}
    audit.record(
        session,
        actor="family",
        action="concern_taken_back",
        subject_type="handover",
        subject_id=held.id,
        message_id=message.id,
    )
    leads = rota.duty_leads(session, now)
    worker = held.worker or (leads[0] if leads else None)
    if worker is not None:
        rung = Rung.DUTY_LEAD if worker.duty_lead else Rung.FIRST
        kind, occasion = AlertKind.TAKEN_BACK, f"taken_back:{message.id}"
        if held.ladder_step > 0:
            alerts.raise_alert(
                session, service, held, kind=kind, rung=rung, worker=worker, occasion=occasion
            )
        else:  # whoever was not woken for the worry is not woken for this
            alerts.add_alert(
                session,
                held,
                kind=kind,
                rung=rung,
                worker_id=worker.id,
                way=AlertWay.DESK,
                occasion=occasion,
            )
    if held.status is HandoverStatus.CLAIMED:
        return False
    handover.say(session, service, conversation, held, "concern_taken_back", now)
    if not only_takes_back(text):
        return False
    message.outcome = Outcome.HANDED_OVER
    message.answered_at = now
    return True


def compose_words(
    service: Service,
    screening: Screening,
    conversation: Conversation,
    promise: Promise,
    now: datetime,
    *,
    again: bool,
) -> str:
    """Return the safety reply of approved fragments, its tokens resolved for this prison."""
    hidden = (
        conversation.channel is not Channel.WEB and conversation.contact.address_encrypted is None
    )
    say_time = short_clock_words if conversation.channel is Channel.SMS else clock_words
    return service.guide.render(
        compose(
            screening,
            channel=conversation.channel,
            staffed_now=promise.staffed_now,
            worker=promise.worker_name,
            by_words=say_time(promise.by, now),
            callback_possible=not hidden,
            again=again,
        ),
        channel=conversation.channel,
        prison_key=conversation.prison,
    )
