"""The JSON API of the web chat: design section 4, described by /api/openapi.json."""

import json
from collections.abc import Sequence

from flask import Response, current_app, jsonify, request
from flask_openapi3 import APIBlueprint, Info, Tag
from pydantic import BaseModel

from helpline import conversations
from helpline.conversations import MAX_TEXT, Inbound
from helpline.db import transaction
from helpline.messages import list_messages
from helpline.models import Message
from web import limits
from web.api_models import (
    AfterQuery,
    ChoiceOut,
    ConversationPath,
    ConversationStarted,
    ErrorOut,
    HandoverOut,
    MessageIn,
    MessageList,
    MessageOut,
    MessageTaken,
    SourceOut,
)
from web.context import service
from web.cookie import Key
from web.errors import ApiError
from web.live import event_stream
from web.text import is_empty
from web.words import page_words

INFO = Info(
    title="On My Side: web chat API",
    version="1.0.0",
    description="Open a conversation, send a message, read the answers. Every answer comes word "
    "for word from the guide; a message in which someone is in danger also reaches a named person. "
    'Every error has one shape: {"error": {"code", "message", "field"?}}.',
)
SECURITY = {"conversationToken": {"type": "http", "scheme": "bearer"}}
_TOKEN = [{"conversationToken": []}]
_TAG = Tag(name="Web chat", description="What the chat page itself is built on.")


def _errors(*statuses: int) -> dict[int | str, type[ErrorOut]]:
    return dict.fromkeys((*statuses, 429, 500, 503), ErrorOut)


bp = APIBlueprint("api", __name__, url_prefix="/api", abp_tags=[_TAG])


@bp.before_request
def check_body_and_token() -> None:
    """Refuse a body that is not JSON, and a request without a token, before all else."""
    view = request.endpoint
    if view == "api.post_message":
        _require_json()
    if view in {"api.post_message", "api.get_messages", "api.get_events"}:
        _token()


@bp.post(
    "/conversations",
    summary="Open a conversation",
    description="Gives the token that reads it; it is not shown again. The first message says what "
    "this service is and what to do in danger.",
    responses={201: ConversationStarted, **_errors(422)},
)
@limits.limiter.limit(limits.STARTS)
def post_conversation() -> Response:
    """Open a conversation."""
    with transaction() as session:
        conversation, token = conversations.open_web(session, service())
        started = ConversationStarted(
            id=conversation.public_id,
            token=token,
            messages=_messages(list_messages(session, conversation)),
        )
    return _json(started, 201)


@bp.post(
    "/conversations/<conversation_id>/messages",
    summary="Send a message",
    description="202 once the message, and any concern it raises, is stored. The answer follows as "
    "further messages.",
    responses={202: MessageTaken, **_errors(400, 401, 404, 409, 413, 415, 422)},
    security=_TOKEN,
)
@limits.limiter.limit(limits.MESSAGES_BY_ADDRESS)
@limits.limiter.limit(limits.MESSAGES, key_func=limits.by_conversation)
def post_message(path: ConversationPath, body: MessageIn) -> Response:
    """Send a message."""
    text = conversations.clean(body.text)
    with transaction() as session:
        conversation = conversations.authenticate(session, path.conversation_id, _token())
        if len(text) > MAX_TEXT:
            raise ApiError(413, "too_long", page_words().plain_notice("too_long"), "text")
        if is_empty(text):
            raise ApiError(422, "empty", page_words().plain_notice("empty"), "text")
        inbound = Inbound(text=text, client_id=body.client_id)
        message = conversations.record_inbound(session, service(), conversation, inbound)
        if message.text is not None and message.text != text:
            # Answering as if it were the earlier message would lose these words.
            raise ApiError(
                409,
                "client_id_reused",
                "This client_id was used for a different text. Nothing was stored.",
                "client_id",
            )
    return _json(MessageTaken(n=message.n), 202)


@bp.get(
    "/conversations/<conversation_id>/messages",
    summary="Read messages",
    responses={200: MessageList, **_errors(401, 404, 422)},
    security=_TOKEN,
)
def get_messages(path: ConversationPath, query: AfterQuery) -> Response:
    """Read messages."""
    with transaction() as session:
        conversation = conversations.authenticate(session, path.conversation_id, _token())
        found = list_messages(session, conversation, query.after)
        shown = MessageList(
            messages=_messages(found),
            waiting=conversation.waiting_since is not None,
            status=conversation.status,
        )
    return _json(shown, 200)


@bp.get(
    "/conversations/<conversation_id>/events",
    summary="Follow messages live",
    description="Server-sent events. Each message is one event: its id is the message's number, "
    "its data the message as JSON. Last-Event-ID is honoured. The event 'state' says whether an "
    "answer is being prepared; the event 'gone' comes last once the family has left. A stream ends "
    "after five minutes; reconnect then.",
    responses={
        200: {"description": "A stream of events", "content": {"text/event-stream": {}}},
        **_errors(401, 404, 422),
    },
    security=_TOKEN,
)
@limits.limiter.limit(limits.STREAMS, key_func=limits.by_conversation)
def get_events(path: ConversationPath, query: AfterQuery) -> Response:
    """Follow messages live."""
    key = Key(path.conversation_id, _token())
    with transaction() as session:
        conversations.authenticate(session, key.public_id, key.token)
    return event_stream(key, query.after, _encode)


@bp.get("/openapi.json", doc_ui=False)
def openapi() -> Response:
    """Return the description of this API."""
    return jsonify(current_app.api_doc)


def _json(shape: BaseModel, status: int) -> Response:
    response = jsonify(shape.model_dump(mode="json"))
    response.status_code = status
    return response


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError(401, "token_missing", "Send the conversation's token as a Bearer token.")
    return token.strip()


def _require_json() -> None:
    if not request.is_json:
        raise ApiError(415, "not_json", "Send a JSON body as application/json.")
    try:
        request.get_json()
    except RecursionError:
        raise ApiError(400, "bad_request", "The JSON is nested too deeply.") from None


def _messages(messages: Sequence[Message]) -> list[MessageOut]:
    return [_message(message) for message in messages]


def _message(message: Message) -> MessageOut:
    return MessageOut(
        n=message.n,
        sender=message.sender,
        text=message.text or "",
        at=message.created_at,
        topic=message.topic_id,
        sources=[SourceOut.model_validate(source) for source in message.sources],
        last_checked=message.details.get("last_checked"),
        approved=message.details.get("approved"),
        choices=[ChoiceOut.model_validate(choice) for choice in message.choices],
        concern=message.concern,
        severity=message.severity,
        handover=_handover(message),
    )


def _handover(message: Message) -> HandoverOut | None:
    handover = message.handover
    if handover is None:
        return None
    return HandoverOut(
        worker=handover.worker_name,
        by=handover.promised_at,
        staffed=handover.staffed,
        status=handover.status,
    )


def _encode(messages: Sequence[Message]) -> list[str]:
    return [json.dumps(_message(message).model_dump(mode="json")) for message in messages]
