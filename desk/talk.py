"""One conversation: what was said, who has it, and everything a worker needs beside it."""

from datetime import datetime, timedelta
from uuid import UUID

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import drafts
from desk.access import get_conversation, note_view
from desk.blueprint import bp
from desk.context import service
from desk.guide_search import find_topics, ready_replies
from desk.live import talk_stream
from desk.record_words import beside
from desk.viewer import viewer
from desk.views import (
    KINDS,
    REASONS,
    SEVERITIES,
    mask,
    message_views,
    prison_name,
    promise_words,
    who,
)
from helpline import calls, inbox, rota, safe_contact, takeover
from helpline import ready_replies as ready
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.enums import Channel, ConversationStatus, HandoverStatus
from helpline.messages import list_messages
from helpline.models import Concern, Conversation, Dial, Handover, Note, Task, Worker

CHOICES_OF_TIME = [(int(after.total_seconds() // 60), after) for after in takeover.HAND_BACK_AFTER]


@bp.get("/c/<uuid:public_id>")
def talk(public_id: UUID) -> ResponseReturnValue:
    """Show a conversation."""
    return talk_page(public_id)


@bp.get("/c/<uuid:public_id>/live")
def talk_live(public_id: UUID) -> Response:
    """Stream new messages and changes of who has it."""
    after = request.args.get("after", "0")

    def read_after(n: int) -> tuple[list[tuple[int, str]], dict]:
        with transaction() as session:
            conversation = get_conversation(session, public_id)
            messages = list_messages(session, conversation, n)
            views = message_views(session, messages)
            pieces = [(view.n, render_template("desk/_fragment.html", m=view)) for view in views]
            return pieces, _state(_shown_handover(session, conversation), conversation)

    start = int(after) if after.isascii() and after.isdigit() and len(after) <= 9 else 0  # noqa: PLR2004
    return talk_stream(str(public_id), start, read_after)


def talk_page(
    public_id: UUID, *, problem: str = "", kept: str | None = None, status: int = 200
) -> Response:
    """Return the page, with what could not be done said on top and the text back in its box."""
    with transaction() as session:
        conversation = get_conversation(session, public_id)
        note_view(session, conversation, "conversation_viewed")
        page = render_template(
            "desk/talk.html",
            problem=problem,
            **_content(session, conversation, kept),
        )
    return make_response(page, status)


def _content(session: Session, conversation: Conversation, kept: str | None) -> dict[str, object]:
    now, own = utcnow(), viewer().worker_id
    held = _shown_handover(session, conversation)
    claimed = held is not None and held.status is HandoverStatus.CLAIMED
    mine = claimed and held is not None and held.worker_id == own
    messages = list_messages(session, conversation)
    draft = kept if kept is not None else drafts.find(session, viewer().account.id, conversation)
    query = request.args.get("guide", "")[:200]
    return {
        "conversation": conversation,
        "reference": inbox.reference(conversation),
        "who": who(conversation),
        "prison": prison_name(conversation.prison),
        "held": held,
        "mine": mine,
        "claimed": claimed,
        "offered": claimed and held is not None and held.transfer_to_id == own is not None,
        "open": conversation.status is ConversationStatus.OPEN,
        "left": _has_left(conversation),
        "state": _state(held, conversation),
        "severity": held.severity.value if held else "none",
        "severity_words": SEVERITIES[held.severity] if held else "",
        "why": _why(session, held),
        "promise": promise_words(held, now) if held else None,
        "now": now,
        "messages": message_views(session, messages),
        "last_n": conversation.last_n,
        "notes": session.scalars(
            select(Note).where(Note.conversation_id == conversation.id).order_by(Note.id)
        ).all(),
        "draft": _ready(conversation) or draft,
        "draft_kept": bool(draft) and kept is None,
        "ready": ready_replies(),
        "guide_query": query,
        "topics": find_topics(query) if query else [],
        "colleagues": _colleagues(session, now) if mine else [],
        "times": CHOICES_OF_TIME,
        "safe": _safe(session, conversation),
        "tasks": session.scalars(
            select(Task).where(Task.conversation_id == conversation.id).order_by(Task.id)
        ).all(),
        "earlier": inbox.earlier(session, conversation) if _has_phone(conversation) else [],
        "earlier_reference": inbox.reference,
        "here": url_for("desk.talk", public_id=conversation.public_id),
        **beside(session, held, conversation),
    }


def _shown_handover(session: Session, conversation: Conversation) -> Handover | None:
    """Return the open handover, or the newest when none is open."""
    return session.scalar(
        select(Handover)
        .where(Handover.conversation_id == conversation.id)
        .order_by((Handover.status != HandoverStatus.CLOSED).desc(), Handover.id.desc())
        .limit(1)
    )


def _state(held: Handover | None, conversation: Conversation) -> dict[str, object]:
    """Return what a page must be loaded again for when it changes."""
    return {
        "handover": held.id if held else 0,
        "status": held.status.value if held else "none",
        "worker": held.worker_id if held else 0,
        "offered": held.transfer_to_id if held else 0,
        "seen": bool(held and held.acknowledged_at),
        "severity": held.severity.value if held else "none",
        "promised": held.promised_at.isoformat() if held else "",
        "left": _has_left(conversation),
        "open": conversation.status is ConversationStatus.OPEN,
    }


def _why(session: Session, held: Handover | None) -> str:
    if held is None:
        return ""
    kinds = dict.fromkeys(
        session.scalars(
            select(Concern.kind).where(Concern.handover_id == held.id).order_by(Concern.id)
        )
    )
    return ", ".join(KINDS[kind] for kind in kinds) or REASONS[held.reason]


def _colleagues(session: Session, now: datetime) -> list[tuple[Worker, bool]]:
    """Return whom a family can be offered to, those on shift now first."""
    on_now = {duty.worker.id for duty in rota.list_duties(session, now, now + timedelta(seconds=1))}
    others = session.scalars(
        select(Worker).where(Worker.active, Worker.id != viewer().worker_id).order_by(Worker.name)
    )
    return sorted(((w, w.id in on_now) for w in others), key=lambda pair: not pair[1])


def _ready(conversation: Conversation) -> str:
    chosen = request.args.get("ready")
    if not chosen:
        return ""
    return ready.words(
        service().guide,
        ready.get(ready_replies(), chosen),
        worker=viewer().name,
        prison_key=conversation.prison,
    )


def _safe(session: Session, conversation: Conversation) -> dict[str, object]:
    known = safe_contact.answers(session, service().book, conversation.id)
    said = {True: "yes", False: "no", None: "not asked yet"}
    return {
        "call": said[known.may_call],
        "text": said[known.may_text],
        "message": said[known.may_leave_message],
        "number": mask(known.number) if known.number else "",
        "may_ring": calls.number_to_ring(session, service(), conversation.id) is not None,
        "rings": session.scalars(
            select(Dial).where(Dial.conversation_id == conversation.id).order_by(Dial.id)
        ).all(),
    }


def _has_left(conversation: Conversation) -> bool:
    """Whether a family on the web has left: nothing that is written now can be read by them."""
    return conversation.channel is Channel.WEB and conversation.token_hash is None


def _has_phone(conversation: Conversation) -> bool:
    return conversation.channel is not Channel.WEB and (
        conversation.contact.address_hmac is not None
    )


@bp.get("/c/<uuid:public_id>/ready/<reply_id>")
def ready_text(public_id: UUID, reply_id: str) -> ResponseReturnValue:
    """Return a ready-made reply as plain text, for the page to put into the box."""
    with transaction() as session:
        conversation = get_conversation(session, public_id)
    text = ready.words(
        service().guide,
        ready.get(ready_replies(), reply_id),
        worker=viewer().name,
        prison_key=conversation.prison,
    )
    return Response(text, mimetype="text/plain")
