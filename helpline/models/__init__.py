"""The tables. Each module holds one family of them; import from here."""

from helpline.models.audit import AuditEntry
from helpline.models.conversation import Contact, Conversation, Message
from helpline.models.guide import Revision, Topic
from helpline.models.rota import Shift, Worker
from helpline.models.safeguarding import Concern, Handover

__all__ = [
    "AuditEntry",
    "Concern",
    "Contact",
    "Conversation",
    "Handover",
    "Message",
    "Revision",
    "Shift",
    "Topic",
    "Worker",
]
