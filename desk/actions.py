"""What a worker does in a conversation. Each is one post, one transaction, and a page to go to."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4, uuid5

from flask import Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from desk import drafts
from desk.access import actor, get_conversation, get_handover, me
from desk.blueprint import bp
from desk.context import service
from desk.talk import talk_page
from desk.viewer import viewer
from helpline import audit, dialling, ladder, safe_contact, takeover
from helpline.addresses import read_spoken_number
from helpline.clock import utcnow
from helpline.conversations import clean
from helpline.db import transaction
from helpline.enums import AlertWay
from helpline.errors import Conflict, NotFound
from helpline.events import announce
from helpline.models import Conversation, Note, Worker

NOTE_AT_MOST = 2000

Act = Callable[[Session, int, Worker], object]


@bp.post("/h/<int:handover_id>/seen")
def seen_post(handover_id: int) -> ResponseReturnValue:
    """Say that a person has seen it: the ladder stops, the promise stands."""
    return _do(handover_id, _seen)


def _seen(session: Session, handover_id: int, own: Worker) -> None:
    ladder.acknowledge(session, service(), handover_id, own.id, AlertWay.DESK)


@bp.post("/h/<int:handover_id>/take")
def take_post(handover_id: int) -> ResponseReturnValue:
    """Take a family on."""
    return _do(handover_id, lambda session, held, own: takeover.take(session, service(), held, own))


@bp.post("/h/<int:handover_id>/take-over")
def take_over_post(handover_id: int) -> ResponseReturnValue:
    """As a lead, take a family over from whoever has it."""
    return _do(
        handover_id, lambda session, held, own: takeover.take_from(session, service(), held, own)
    )


@bp.post("/h/<int:handover_id>/reply")
def reply_post(handover_id: int) -> ResponseReturnValue:
    """Say something to the family. The same form sent twice says it once."""
    text = request.form.get("text", "")
    client_id = uuid5(_uuid(request.form.get("client_id")), text)

    def say(session: Session, held: int, own: Worker) -> None:
        message = takeover.reply(session, held, own, text, client_id=client_id)
        drafts.keep(session, viewer().account.id, message.conversation, "")

    return _do(handover_id, say, kept=text, anchor="write")


@bp.post("/h/<int:handover_id>/answer")
def answer_post(handover_id: int) -> ResponseReturnValue:
    """Send the guide's answer to a topic."""
    topic = request.form.get("topic", "")
    return _do(
        handover_id,
        lambda session, held, own: takeover.send_answer(session, service(), held, own, topic),
        anchor="write",
    )


@bp.post("/c/<uuid:public_id>/ring")
def ring_post(public_id: UUID) -> ResponseReturnValue:
    """Ring the worker's phone and put them through: both see only the helpline's number."""
    try:
        with transaction() as session:
            conversation = get_conversation(session, public_id)
            dialling.ring_back(session, service(), conversation, me(session))
    except Conflict as reason:
        return talk_page(public_id, problem=_sentence(reason), status=409)
    return back_to(public_id, "safe")


@bp.post("/h/<int:handover_id>/offer")
def offer_post(handover_id: int) -> ResponseReturnValue:
    """Ask a colleague to take over."""

    def ask(session: Session, held: int, own: Worker) -> None:
        to = session.get(Worker, _number(request.form.get("worker")))
        if to is None:
            raise NotFound("no such colleague")
        takeover.offer(session, service(), held, own, to)

    return _do(handover_id, ask)


@bp.post("/h/<int:handover_id>/accept")
def accept_post(handover_id: int) -> ResponseReturnValue:
    """Take over what a colleague has offered."""
    return _do(
        handover_id, lambda session, held, own: takeover.accept(session, service(), held, own)
    )


@bp.post("/h/<int:handover_id>/withdraw")
def withdraw_post(handover_id: int) -> ResponseReturnValue:
    """End an offer."""
    return _do(handover_id, takeover.withdraw)


@bp.post("/h/<int:handover_id>/release")
def release_post(handover_id: int) -> ResponseReturnValue:
    """Put a family back in the queue; the rota names who is next."""

    def give(session: Session, held: int, own: Worker) -> None:
        row = get_handover(session, held)
        if row.worker_id != own.id and not viewer().is_lead:
            raise Conflict("this conversation is not with you")
        takeover.release(session, service(), held, actor(), utcnow())

    return _do(handover_id, give)


@bp.post("/h/<int:handover_id>/hand-back")
def hand_back_post(handover_id: int) -> ResponseReturnValue:
    """End one's part now, or once the family has been silent for a while."""
    reason, minutes = request.form.get("reason", ""), _number(request.form.get("after"))

    def back(session: Session, held: int, own: Worker) -> None:
        after = timedelta(minutes=minutes)
        if after in takeover.HAND_BACK_AFTER:
            takeover.hand_back_later(session, service(), held, own, reason, after)
        else:
            takeover.hand_back(session, service(), held, own, reason)

    return _do(handover_id, back, care=minutes == 0)


@bp.post("/h/<int:handover_id>/close")
def close_post(handover_id: int) -> ResponseReturnValue:
    """End the conversation with a reason."""
    reason = request.form.get("reason", "")
    return _do(
        handover_id,
        lambda session, held, own: takeover.close(session, service(), held, own, reason),
        care=True,
    )


@bp.post("/c/<uuid:public_id>/note")
def note_post(public_id: UUID) -> ResponseReturnValue:
    """Add an internal note. The family never sees it."""
    words = clean(request.form.get("text", ""))
    if not words or len(words) > NOTE_AT_MOST:
        problem = f"A note has 1 to {NOTE_AT_MOST} characters."
        return talk_page(public_id, problem=problem, status=422)
    with transaction() as session:
        conversation = get_conversation(session, public_id)
        note = Note(
            conversation_id=conversation.id,
            account_id=viewer().account.id,
            author_name=viewer().name,
            text=words,
        )
        session.add(note)
        session.flush()
        audit.record(
            session,
            actor=actor(),
            action="note_added",
            subject_type="conversation",
            subject_id=conversation.id,
            note_id=note.id,
        )
    return back_to(public_id, "notes")


@bp.post("/c/<uuid:public_id>/draft")
def draft_post(public_id: UUID) -> ResponseReturnValue:
    """Keep what is being written, as the page does every few seconds."""
    with transaction() as session:
        conversation = get_conversation(session, public_id)
        drafts.keep(session, viewer().account.id, conversation, request.form.get("text", ""))
    return "", 204


@bp.post("/c/<uuid:public_id>/safe")
def safe_post(public_id: UUID) -> ResponseReturnValue:
    """Write down what the family said about being reached."""
    said = {"yes": True, "no": False}
    form = request.form
    with transaction() as session:
        conversation = get_conversation(session, public_id)
        given_number = form.get("number", "").strip()
        address = read_spoken_number(given_number)
        if given_number and not address.can_be_rung:
            return talk_page(public_id, problem="That is no phone number.", status=422)
        given = safe_contact.Answers(
            may_call=said.get(form.get("call", "")),
            may_text=said.get(form.get("text_ok", "")),
            may_leave_message=said.get(form.get("message", "")),
            number=address.number if given_number else None,
        )
        safe_contact.record(session, service().book, conversation, given, actor())
        announce(session, conversation.public_id)
    return back_to(public_id, "safe")


def _do(
    handover_id: int,
    act: Act,
    *,
    kept: str | None = None,
    anchor: str = "top",
    care: bool = False,
) -> Response:
    """Do one thing in one transaction; say in place why it was not done, with the text kept."""
    with transaction() as session:
        held = get_handover(session, handover_id)
        public_id = session.get_one(Conversation, held.conversation_id).public_id
    try:
        with transaction() as session:
            act(session, handover_id, me(session))
            announce(session, public_id)
    except Conflict as reason:
        return talk_page(public_id, problem=_sentence(reason), kept=kept, status=409)
    except ValueError as reason:
        return talk_page(public_id, problem=_sentence(reason), kept=kept, status=422)
    if care:
        return make_response(redirect(url_for("desk.care", handover_id=handover_id), 303))
    return back_to(public_id, anchor)


def back_to(public_id: UUID, anchor: str) -> Response:
    """Go back to the page of a conversation, at the part that changed."""
    return make_response(redirect(url_for("desk.talk", public_id=public_id, _anchor=anchor), 303))


def _sentence(reason: Exception) -> str:
    words = str(reason)
    return f"Not done: {words}."


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        return uuid4()


def _number(text: str | None) -> int:
    digits = text or ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0  # noqa: PLR2004
