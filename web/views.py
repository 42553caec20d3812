"""One message as pages and the API show it. The only place that reads a Message for the web."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup, escape

from helpline.clock import LONDON, utcnow
from helpline.enums import Channel, Sender, Severity
from helpline.markdown import as_html
from helpline.models import Message
from web.context import service

ASSISTANT_NAME = "On My Side"


@dataclass(frozen=True)
class SourceView:
    """Where an answer comes from."""

    title: str
    url: str
    seen: str  # "21 November 2026"


@dataclass(frozen=True)
class MessageView:
    """What the template needs, in words."""

    n: int
    sender: str
    who: str
    tag: str
    html: Markup
    at_iso: str
    at_words: str
    severity: str
    sources: tuple[SourceView, ...]
    last_checked: str
    last_checked_iso: str
    approved: bool
    awaiting: str
    choices: tuple[str, ...]
    numbered: bool  # the words ask for a number


def message_view(message: Message) -> MessageView:
    """Describe one stored message in words for the page."""
    details = message.details
    checked = details.get("last_checked")
    return MessageView(
        n=message.n,
        sender=message.sender.value,
        who=_who(message),
        tag={Sender.ASSISTANT: "automated", Sender.WORKER: "helpline worker"}.get(
            message.sender, ""
        ),
        html=_html(message),
        at_iso=message.created_at.isoformat(timespec="seconds"),
        at_words=clock(message.created_at),
        severity=message.severity.value if message.severity else Severity.NONE.value,
        sources=tuple(_source(source) for source in message.sources),
        last_checked=_day(checked) if checked else "",
        last_checked_iso=checked or "",
        approved=bool(details.get("approved")),
        awaiting=service().guide.phrase("awaiting_approval", Channel.WEB) if checked else "",
        choices=tuple(choice["label"] for choice in message.choices),
        numbered=details.get("kind") == "clarify",
    )


def welcome_view() -> MessageView:
    """Return the first message as it will be stored when a chat begins: the start page shows it."""
    now = utcnow()
    return MessageView(
        n=1,
        sender=Sender.ASSISTANT.value,
        who=ASSISTANT_NAME,
        tag="automated",
        html=as_html(service().guide.phrase("welcome", Channel.WEB)),
        at_iso=now.isoformat(timespec="seconds"),
        at_words=clock(now),
        severity=Severity.NONE.value,
        sources=(),
        last_checked="",
        last_checked_iso="",
        approved=False,
        awaiting="",
        choices=(),
        numbered=False,
    )


def choices_after(messages: Sequence[Message]) -> int:
    """Return the number of the family's newest message: only choices offered since are open."""
    return max((m.n for m in messages if m.sender is Sender.FAMILY), default=0)


def clock(moment: datetime) -> str:
    """Say when a message came as a person would: "2:15 pm", with the day unless it is today."""
    local = moment.astimezone(LONDON)
    time = f"{local.hour % 12 or 12}:{local.minute:02d} {'am' if local.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon
    if local.date() == utcnow().astimezone(LONDON).date():
        return time
    return f"{time}, {local.day} {local:%B}"


def _who(message: Message) -> str:
    if message.sender is Sender.FAMILY:
        return "You"
    if message.sender is Sender.WORKER:
        return message.details.get("worker") or "Helpline worker"
    return ASSISTANT_NAME


def _html(message: Message) -> Markup:
    text = message.text or ""
    from_guide = message.details.get("kind") == "answer"
    if message.sender in {Sender.FAMILY, Sender.WORKER} and not from_guide:
        return escape(text)  # people's own words are shown as written, line by line
    return as_html(text)


def _source(source: dict[str, Any]) -> SourceView:
    return SourceView(title=source["title"], url=source["url"], seen=_day(source["seen"]))


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"
