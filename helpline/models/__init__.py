"""The tables. Each module holds one family of them; import from here."""

from helpline.models.accounts import Account, AccountSession, Invitation, SignInFailure
from helpline.models.alerts import Alert
from helpline.models.audit import AuditEntry
from helpline.models.call import Call, CallEvent, Dial, Voicemail
from helpline.models.conversation import Contact, Conversation, Message
from helpline.models.desk import Draft, Note, ProofRing
from helpline.models.guide import Revision, Topic
from helpline.models.record import RecordEntry, SafeContact
from helpline.models.rota import Absence, Shift, ShiftConfirmation, Worker
from helpline.models.safeguarding import Concern, Handover
from helpline.models.tasks import Task, TaskAttempt
from helpline.models.text import TextDelivery

__all__ = [
    "Absence",
    "Account",
    "AccountSession",
    "Alert",
    "AuditEntry",
    "Call",
    "CallEvent",
    "Concern",
    "Contact",
    "Conversation",
    "Dial",
    "Draft",
    "Handover",
    "Invitation",
    "Message",
    "Note",
    "ProofRing",
    "RecordEntry",
    "Revision",
    "SafeContact",
    "Shift",
    "ShiftConfirmation",
    "SignInFailure",
    "Task",
    "TaskAttempt",
    "TextDelivery",
    "Topic",
    "Voicemail",
    "Worker",
]
