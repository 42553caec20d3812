"""The one cookie of the public chat: which conversation this browser may read, and nothing else.

It is set with the first message, ends with the browser's session, and holds the conversation's
public id and its token. The database knows only a hash of the token.
"""

from dataclasses import dataclass

from flask import Response, request
from sqlalchemy.orm import Session

from helpline import conversations
from helpline.errors import NotFound
from helpline.models import Conversation
from web.context import settings

CHAT = "chat"
LEFT = "left"  # set by leave.js for the case that its beacon never arrives


@dataclass(frozen=True)
class Key:
    """What opens one conversation."""

    public_id: str
    token: str


def read_key() -> Key | None:
    """Return the key this browser holds, or None. One who has left holds none."""
    if LEFT in request.cookies:
        return None
    return _key()


def find_conversation(session: Session) -> Conversation | None:
    """Return the conversation this browser may read, or None."""
    key = read_key()
    if key is None:
        return None
    try:
        return conversations.authenticate(session, key.public_id, key.token)
    except NotFound:
        return None


def forget(session: Session) -> None:
    """Quick exit: nothing this browser holds opens the conversation any more."""
    key = _key()
    if key is None:
        return
    try:
        conversations.leave(session, conversations.authenticate(session, key.public_id, key.token))
    except NotFound:
        return


def hold(response: Response, key: Key) -> None:
    """Give the browser the key to its conversation until it closes."""
    response.set_cookie(
        CHAT,
        f"{key.public_id}.{key.token}",
        httponly=True,
        samesite="Strict",
        secure=request.is_secure or settings().public_base_url.startswith("https://"),
    )


def drop(response: Response) -> None:
    """Take back every cookie of ours."""
    for name in (CHAT, LEFT):
        if name in request.cookies:
            response.delete_cookie(name, samesite="Strict")


def _key() -> Key | None:
    public_id, dot, token = request.cookies.get(CHAT, "").partition(".")
    return Key(public_id, token) if dot and token else None
