"""A request to erase: one conversation's words go, here and in Rasa's tracker."""

from uuid import UUID

from sqlalchemy import select

from helpline import retention
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.errors import NotFound
from helpline.models import Conversation
from helpline.ports import Assistant


def erase_conversation(assistant: Assistant, public_id: UUID, actor: str) -> None:
    """Blank the texts, close the door (its token opens nothing more), and have Rasa forget.

    Concerns, handovers and the audit trail stay: they are the record of what was done. Raises
    NotFound for an unknown conversation.
    """
    with transaction() as session:
        found = session.scalar(select(Conversation).where(Conversation.public_id == public_id))
        if found is None:
            raise NotFound("There is no conversation with that id.")
        key = retention.erase(session, found, utcnow(), actor)
    assistant.forget(key)
