"""Which conversations this viewer may open; each time they do is in the trail."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from desk.viewer import viewer
from helpline import accounts, audit, inbox
from helpline.errors import Conflict, NotFound
from helpline.models import Conversation, Handover, Worker


def get_conversation(session: Session, public_id: UUID) -> Conversation:
    """Return a conversation this viewer may open. Unknown and not theirs are both NotFound."""
    conversation = session.scalar(
        select(Conversation)
        .where(Conversation.public_id == public_id)
        .options(joinedload(Conversation.contact))
    )
    if conversation is None or not _allowed(session, conversation):
        raise NotFound("no such conversation")
    return conversation


def get_handover(session: Session, handover_id: int) -> Handover:
    """Return a handover of a conversation this viewer may open; else NotFound."""
    held = session.get(Handover, handover_id)
    if held is None or not _allowed(session, session.get_one(Conversation, held.conversation_id)):
        raise NotFound("no such handover")
    return held


def me(session: Session) -> Worker:
    """Return the viewer's own row on the rota."""
    if viewer().worker_id is None:
        raise Conflict("you are not on the rota")
    return session.get_one(Worker, viewer().worker_id)


def actor() -> str:
    """Return how the trail names the viewer."""
    return accounts.actor(viewer().account)


def note_view(session: Session, conversation: Conversation, action: str) -> None:
    """Write into the trail that somebody looked at, printed or exported a conversation."""
    audit.record(
        session,
        actor=actor(),
        action=action,
        subject_type="conversation",
        subject_id=conversation.id,
    )


def _allowed(session: Session, conversation: Conversation) -> bool:
    return viewer().is_lead or inbox.may_open(session, conversation, viewer().worker_id)
