"""What desk pages show, in words, masked for the one who looks. The only reader of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from desk.context import service
from desk.viewer import viewer
from helpline import deliveries_shown, inbox
from helpline.clock import utcnow
from helpline.enums import Channel, ConcernKind, HandoverReason, HandoverStatus, Sender, Severity
from helpline.errors import NotFound
from helpline.inbox import Item
from helpline.markdown import as_html
from helpline.models import Contact, Conversation, Handover, Message

CHANNELS = {Channel.WEB: "Web chat", Channel.SMS: "Text message", Channel.VOICE: "Phone call"}
SEVERITIES = {
    Severity.IMMEDIATE: "danger to life now",
    Severity.URGENT: "a person today",
    Severity.NONE: "no danger noticed",
}
KINDS = {
    ConcernKind.SUICIDE_SELF_HARM: "suicide or self-harm",
    ConcernKind.MEDICAL_EMERGENCY: "medical emergency",
    ConcernKind.CRITICAL_MEDICINE: "critical medicine missed",
    ConcernKind.VIOLENCE_ABUSE: "violence, abuse, bullying",
    ConcernKind.MENTAL_HEALTH_CRISIS: "mental-health crisis",
    ConcernKind.NEGLECT_DETERIORATION: "neglect or getting worse",
    ConcernKind.CHILD_AT_RISK: "child at risk",
    ConcernKind.CALLER_SAFETY: "the caller's own safety",
    ConcernKind.DEATH: "death or bereavement",
    ConcernKind.CHECK_FAILED: "the safety check broke: please read",
}
REASONS = {
    HandoverReason.CONCERN: "a safety concern",
    HandoverReason.ASKED_FOR_PERSON: "asked for a person",
    HandoverReason.NOT_UNDERSTOOD: "was not understood",
    HandoverReason.ASSISTANT_FAILED: "the assistant failed",
    HandoverReason.OUT_OF_DATE: "the guide is out of date there",
}
ASSISTANT = "Assistant (automated)"


@dataclass(frozen=True)
class ItemView:
    """One family in a list."""

    public_id: str
    reference: str
    who: str
    severity: str
    severity_words: str
    why: str
    prison: str
    words: str
    attention_since: datetime | None
    promise: str
    promised_at: datetime
    late: bool
    status: str
    worker: str
    mine: bool
    offered: bool
    acknowledged: bool
    closed_at: datetime | None
    handover_id: int


@dataclass(frozen=True)
class MessageView:
    """One message beside its delivery and what the safety screen found in it."""

    n: int
    sender: str
    who: str
    at: datetime
    html: Markup
    severity: str
    concern: str
    sent: str
    failed: bool
    long: bool
    welcome: bool  # the same for every family: folded away


def item_view(item: Item) -> ItemView:
    """Describe one open or closed handover for a list."""
    held, conversation = item.handover, item.conversation
    now, own = utcnow(), viewer().worker_id
    claimed = held.status is HandoverStatus.CLAIMED
    return ItemView(
        public_id=str(conversation.public_id),
        reference=inbox.reference(conversation),
        who=who(conversation),
        severity=held.severity.value,
        severity_words=SEVERITIES[held.severity],
        why=", ".join(KINDS[kind] for kind in item.kinds) or REASONS[held.reason],
        prison=prison_name(held.prison or conversation.prison),
        words=item.last_words or "",
        attention_since=item.attention_since,
        promise=f"{held.worker_name} by",
        promised_at=held.promised_at,
        late=held.status is HandoverStatus.REQUESTED and held.promised_at < now,
        status=held.status.value,
        worker=held.worker_name,
        mine=claimed and held.worker_id == own,
        offered=own is not None and held.transfer_to_id == own,
        acknowledged=held.acknowledged_at is not None,
        closed_at=held.closed_at,
        handover_id=held.id,
    )


def message_views(session: Session, messages: Sequence[Message]) -> list[MessageView]:
    """Describe messages, with what became of each that went to a phone."""
    fates = deliveries_shown.fates(
        session, [m.id for m in messages if m.sender is not Sender.FAMILY]
    )
    return [_message_view(message, fates.get(message.id, "")) for message in messages]


def _message_view(message: Message, fate: str) -> MessageView:
    text = message.text
    from_guide = message.sender in {Sender.ASSISTANT, Sender.SYSTEM} or (
        message.details.get("kind") == "answer"
    )
    if text is None:
        html = Markup("<em>The words are removed; their time was up.</em>")
    elif from_guide:
        html = as_html(text)
    else:
        html = escape(text)
    return MessageView(
        n=message.n,
        sender=message.sender.value,
        who=_speaker(message),
        at=message.created_at,
        html=html,
        severity=message.severity.value,
        concern=KINDS[message.concern] if message.concern else "",
        sent=fate,
        failed=fate.startswith("\N{BALLOT X}"),
        long=text is not None and len(text) > 1500,  # noqa: PLR2004 - about a screen
        welcome=message.details.get("kind") == "welcome",
    )


def _speaker(message: Message) -> str:
    if message.sender is Sender.FAMILY:
        return "Family"
    if message.sender is Sender.WORKER:
        return str(message.details.get("worker") or "Worker")
    return ASSISTANT if message.sender is Sender.ASSISTANT else "The service"


def who(conversation: Conversation) -> str:
    """Say where a family writes from; only a lead sees a whole number."""
    return f"{CHANNELS[conversation.channel]}{number(conversation.contact, ', ')}"


def number(contact: Contact, before: str = "") -> str:
    """Return a contact's number as this viewer may see it, or that it is hidden."""
    if contact.channel is Channel.WEB:
        return ""
    address = service().book.reveal(contact)
    return before + ("hidden number" if address is None else mask(address))


def mask(address: str) -> str:
    """Return a phone number whole for a lead, its last three digits for everybody else."""
    return address if viewer().is_lead else f"number ending {address[-3:]}"


def prison_name(key: str | None) -> str:
    """Return a prison's name, empty when it is not known."""
    if key is None:
        return ""
    try:
        return service().guide.prison_name(key, Channel.SMS)
    except NotFound:
        return key


def promise_words(held: Handover, now: datetime) -> tuple[str, bool]:
    """Say how a promise stands: who, and whether it is late."""
    late = held.status is HandoverStatus.REQUESTED and held.promised_at < now
    return held.worker_name, late
