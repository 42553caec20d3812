"""Words go when their time is up; counts, concerns and the trail stay."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from helpline import audit
from helpline.enums import HandoverStatus
from helpline.models import (
    Call,
    Concern,
    Conversation,
    Draft,
    Handover,
    Message,
    Note,
    RecordEntry,
    SafeContact,
    Task,
    Voicemail,
)
from helpline.settings import Settings

BATCH = 500


def remove_old_words(session: Session, settings: Settings, now: datetime) -> list[str]:
    """Blank the texts of conversations past their retention; return the assistant's keys for them.

    Ordinary conversations are kept `message_retention_days` after their last message, those with a
    concern `case_retention_days`. One with an open handover is never touched. The caller must have
    the assistant forget each returned key, for Rasa keeps its own copy.
    """
    has_concern = exists().where(Concern.conversation_id == Conversation.id)
    open_handover = exists().where(
        Handover.conversation_id == Conversation.id,
        Handover.status != HandoverStatus.CLOSED,
    )
    ordinary = now - timedelta(days=settings.message_retention_days)
    case = now - timedelta(days=settings.case_retention_days)
    due = session.scalars(
        select(Conversation)
        .where(
            Conversation.words_removed_at.is_(None),
            ~open_handover,
            or_(
                ~has_concern & (Conversation.last_message_at < ordinary),
                has_concern & (Conversation.last_message_at < case),
            ),
        )
        .order_by(Conversation.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for conversation in due:
        _remove_words(session, conversation, now, actor="retention")
    return [conversation.key for conversation in due]


def erase(session: Session, conversation: Conversation, now: datetime, actor: str) -> str:
    """Blank one conversation's words at once (a request to erase); return the assistant's key."""
    _remove_words(session, conversation, now, actor)
    return conversation.key


def _remove_words(session: Session, conversation: Conversation, now: datetime, actor: str) -> None:
    session.execute(
        update(Message).where(Message.conversation_id == conversation.id).values(text=None)
    )
    conversation.words_removed_at = now
    conversation.token_hash = None
    session.flush()
    # What workers wrote about it goes too; the database allows it only now (models/record.py).
    for emptied in (
        update(RecordEntry).where(RecordEntry.conversation_id == conversation.id).values(fields={}),
        update(SafeContact)
        .where(SafeContact.conversation_id == conversation.id)
        .values(number_encrypted=None),
        update(Note).where(Note.conversation_id == conversation.id).values(text=None),
        delete(Draft).where(Draft.conversation_id == conversation.id),
        update(Task).where(Task.conversation_id == conversation.id).values(outcome=None),
        update(Call).where(Call.conversation_id == conversation.id).values(number_given=None),
        update(Voicemail)
        .where(Voicemail.call_id == Call.id, Call.conversation_id == conversation.id)
        .values(sound=None)
        .execution_options(synchronize_session=False),
        update(Handover)
        .where(Handover.conversation_id == conversation.id, Handover.close_reason.is_not(None))
        .values(close_reason="removed"),
    ):
        session.execute(emptied)
    audit.record(
        session,
        actor=actor,
        action="words_removed",
        subject_type="conversation",
        subject_id=conversation.id,
    )
