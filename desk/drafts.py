"""What a worker was writing: kept while they write, and when their session ends under it."""

from flask import request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.viewer import Found
from helpline.clock import utcnow
from helpline.conversations import MAX_TEXT, clean
from helpline.db import transaction
from helpline.models import Conversation, Draft, Handover
from helpline.models.accounts import Step


def keep_what_was_written(found: Found) -> str:
    """Keep the text of a refused reply for its account; return the page it belongs to.

    The cookie no longer opens anything, but it says whose the words are; only they get them back.
    """
    handover_id = (request.view_args or {}).get("handover_id")
    if request.endpoint != "desk.reply_post" or found.row is None or handover_id is None:
        return ""
    if found.row.step is not Step.FULL or not found.row.account.active:
        return ""
    with transaction() as session:
        conversation = session.scalar(
            select(Conversation)
            .join(Handover, Handover.conversation_id == Conversation.id)
            .where(Handover.id == handover_id)
        )
        if conversation is None:
            return ""
        keep(session, found.row.account_id, conversation, request.form.get("text", ""))
        return url_for("desk.talk", public_id=conversation.public_id)


def keep(session: Session, account_id: int, conversation: Conversation, text: str) -> None:
    """Keep a draft, or forget it when the box is empty."""
    words = clean(text)[:MAX_TEXT]
    draft = session.get(Draft, (account_id, conversation.id))
    if not words:
        if draft is not None:
            session.delete(draft)
    elif draft is None:
        session.add(Draft(account_id=account_id, conversation_id=conversation.id, text=words))
    else:
        draft.text, draft.saved_at = words, utcnow()


def find(session: Session, account_id: int, conversation: Conversation) -> str:
    """Return what this account was writing here, empty when nothing."""
    draft = session.get(Draft, (account_id, conversation.id))
    return draft.text if draft is not None else ""
