"""The public chat as pages: works as plain forms, and serves the same HTML in pieces to chat.js."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4, uuid5

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from helpline import conversations
from helpline.clock import utcnow
from helpline.conversations import MAX_TEXT, Inbound
from helpline.db import transaction
from helpline.enums import Channel, ConversationStatus, Severity
from helpline.errors import Conflict, NotFound
from helpline.messages import list_messages
from helpline.models import Conversation, Message
from web import cookie, limits
from web.context import service, settings
from web.cookie import Key
from web.live import event_stream, message_number, wait_for_answer
from web.security import refuse_other_sites
from web.text import is_empty
from web.views import choices_after, message_view, welcome_view
from web.words import page_words, phrase

EXIT_URL = "https://www.bbc.co.uk/weather"  # where "Leave this page" goes: dull, fast, and common
SLOW = timedelta(seconds=10)  # an answer that takes longer is admitted to be late

bp = Blueprint(
    "pages",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/assets",
)
bp.before_request(refuse_other_sites)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a family sent with the form: kept whole until it is stored."""

    text: str
    asks_for_person: bool
    client_id: UUID
    start: UUID
    after: int

    @classmethod
    def from_form(cls) -> "Draft":
        """Read the form; ids that are missing or wrong are made anew."""
        form = request.form
        return cls(
            text=form.get("text", ""),
            asks_for_person=form.get("ask") == "person",
            client_id=_uuid(form.get("client_id")),
            start=_uuid(form.get("start")),
            after=message_number(form.get("after")),
        )

    def texts(self) -> list[str]:
        """Return what to store, in order: the words in the box, then the wish for a person."""
        texts = [] if is_empty(self.text) else [self.text]
        if self.asks_for_person:
            texts.append(service().guide.phrase("person_choice_label", Channel.WEB))
        return texts

    def inbound(self, text: str) -> Inbound:
        """Return one message under an id that repeats with the form and differs with the text.

        So a form sent twice is stored once, and a form changed after Back is a new message.
        """
        return Inbound(text=text, client_id=uuid5(self.client_id, text))


@bp.get("/")
def page() -> ResponseReturnValue:
    """Show the chat, or the start page to a browser without one."""
    key = cookie.read_key()
    if "check" in request.args and key is not None:
        _wait(key)
    return render_chat()


@bp.post("/messages")
@limits.limiter.limit(limits.MESSAGES_BY_ADDRESS)
@limits.limiter.limit(limits.MESSAGES, key_func=limits.by_conversation)
def send() -> ResponseReturnValue:
    """Take one message: as a form, store it and show the page; from chat.js, return what is new."""
    draft = Draft.from_form()
    if len(conversations.clean(draft.text)) > MAX_TEXT:
        return refuse("too_long", 413)
    texts = draft.texts()
    if not texts:
        return refuse("empty", 422)
    try:
        with transaction() as session:
            conversation, key = _find_or_open(session, draft)
            stored = [
                conversations.record_inbound(session, service(), conversation, draft.inbound(text))
                for text in texts
            ]
    except Conflict:
        return refuse("closed", 409)
    response = _news(key, draft.after) if _wants_fragment() else _show(key, stored[0])
    cookie.drop(response)
    cookie.hold(response, key)
    return response


@bp.get("/messages")
def fragment() -> ResponseReturnValue:
    """Return the messages after number `after` as HTML, for a page whose live news is broken."""
    key = cookie.read_key()
    after = message_number(request.args.get("after"))
    return _news(key, after) if key is not None else ("", 204)


@bp.get("/live")
@limits.limiter.limit(limits.STREAMS, key_func=limits.by_conversation)
def live() -> ResponseReturnValue:
    """Stream each new message as HTML, rendered by the same template as the page."""
    key = cookie.read_key()
    if key is None:
        return Response("event: gone\ndata: gone\n\n", mimetype="text/event-stream")
    after = message_number(request.args.get("after"))
    return event_stream(key, after, _render_each)


@bp.post("/leave")
def leave() -> ResponseReturnValue:
    """Forget this chat. Called by beacon and `ping` after the family has gone, or as a form."""
    try:
        with transaction() as session:
            cookie.forget(session)
    except SQLAlchemyError:
        # The cookie still goes; without it nothing here opens the conversation.
        current_app.logger.warning("leaving: database unavailable")
    starts_again = request.form.get("then") == "start"
    response = make_response(redirect(url_for("pages.page"), 303) if starts_again else ("", 204))
    cookie.drop(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def refuse(code: str, status: int) -> Response:
    """Say in place why a message was not taken. The text goes back into the box."""
    notice = page_words().notice(code)
    if _wants_fragment():
        body = render_template("web/_notice.html", notice=notice)
    else:
        body = render_chat(notice=notice, kept=Draft.from_form())
    return make_response(body, status)


def render_chat(**also: object) -> str:
    """Return the whole page for this browser's conversation, or the start page."""
    with transaction() as session:
        conversation = cookie.find_conversation(session)
        messages = list_messages(session, conversation) if conversation is not None else []
        shown = [message_view(m) for m in messages] or [welcome_view()]
    waiting_since = conversation.waiting_since if conversation is not None else None
    return render_template(
        "web/chat.html",
        title=page_words().text("title"),
        started=conversation is not None,
        chat_id=conversation.public_id if conversation is not None else None,
        messages=shown,
        last_n=shown[-1].n,
        choices_after=choices_after(messages),
        waiting=waiting_since is not None,
        slow=waiting_since is not None and utcnow() - waiting_since >= SLOW,
        closed=conversation is not None and conversation.status is ConversationStatus.CLOSED,
        notices={code: page_words().notice(code) for code in ("offline", "failed")},
        **also,
    )


@bp.app_context_processor
def helpers() -> dict[str, object]:
    """Give every template its words, its assets and fresh ids."""
    return {
        "words": page_words().html,
        "phrase": phrase,
        "person_label": service().guide.phrase("person_choice_label", Channel.WEB),
        "asset": asset,
        "new_id": uuid4,
        "practice": settings().practice_mode,
        "exit_url": EXIT_URL,
    }


def asset(name: str) -> str:
    """Return the address of a static file, which changes when the file does."""
    return url_for("pages.static", filename=name, v=_fingerprint(name))


@cache
def _fingerprint(name: str) -> str:
    content = (Path(__file__).parent / "static" / name).read_bytes()
    return hashlib.sha256(content).hexdigest()[:10]


def _find_or_open(session: Session, draft: Draft) -> tuple[Conversation, Key]:
    known = cookie.read_key()
    conversation = cookie.find_conversation(session)
    if conversation is not None and known is not None:
        return conversation, known
    if cookie.LEFT in request.cookies:
        cookie.forget(session)
    with limits.limiter.limit(limits.STARTS):
        try:
            conversation, token = conversations.open_web(session, service(), start=draft.start)
        except NotFound:  # an old page, sent after its family had left: a chat of its own
            conversation, token = conversations.open_web(session, service())
    return conversation, Key(str(conversation.public_id), token)


def _show(key: Key, message: Message) -> Response:
    """Answer a form: wait a moment so that the page already holds the answer, then show it.

    What to do in danger is there already; it is never waited for, and the page opens at it.
    """
    with transaction() as session:
        conversation = conversations.authenticate(session, key.public_id, key.token)
        since = list_messages(session, conversation, message.n)
        danger = next((m.n for m in since if m.severity is not Severity.NONE), None)
    if danger is None:
        _wait(key)
    return redirect(url_for("pages.page", _anchor=f"m-{danger or message.n}"), 303)


def _news(key: Key, after: int) -> Response:
    with transaction() as session:
        conversation = conversations.authenticate(session, key.public_id, key.token)
        messages = list_messages(session, conversation, after)
        body = "\n".join(_render_each(messages))
    response = make_response(body)
    response.headers["X-Chat"] = str(conversation.public_id)
    response.headers["X-Waiting"] = "yes" if conversation.waiting_since is not None else "no"
    return response


def _render_each(messages: Sequence[Message]) -> list[str]:
    newest = choices_after(messages)
    return [
        render_template("web/fragment.html", m=message_view(message), choices_after=newest)
        for message in messages
    ]


def _wait(key: Key) -> None:
    wait_for_answer(key, current_app.config["WAIT_FOR_ANSWER_SECONDS"])


def _wants_fragment() -> bool:
    return "X-Fragment" in request.headers


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        return uuid4()
