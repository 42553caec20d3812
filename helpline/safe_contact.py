"""How a family may safely be reached: asked once, answered in parts, never guessed."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import audit
from helpline.contacts import AddressBook
from helpline.models import Conversation, SafeContact


@dataclass(frozen=True)
class Answers:
    """What is known so far. None means not answered; `number` is a safer one than they used."""

    may_call: bool | None = None
    may_text: bool | None = None
    may_leave_message: bool | None = None
    number: str | None = None


def find_latest(session: Session, conversation_id: int) -> SafeContact | None:
    """Return the newest answers, which are the ones that hold."""
    return session.scalar(
        select(SafeContact)
        .where(SafeContact.conversation_id == conversation_id)
        .order_by(SafeContact.id.desc())
        .limit(1)
    )


def answers(session: Session, book: AddressBook, conversation_id: int) -> Answers:
    """Return what is known about reaching this family; nothing known is all None."""
    row = find_latest(session, conversation_id)
    if row is None:
        return Answers()
    number = None if row.number_encrypted is None else book.open(row.number_encrypted)
    return Answers(row.may_call, row.may_text, row.may_leave_message, number)


def record(
    session: Session,
    book: AddressBook,
    conversation: Conversation,
    given: Answers,
    author: str,
) -> SafeContact:
    """Add answers; a part that is None keeps what was said before. `author`: family or worker:7."""
    known = answers(session, book, conversation.id)
    number = given.number or known.number

    def newer(new: bool | None, old: bool | None) -> bool | None:  # noqa: FBT001 - an answer
        return old if new is None else new

    row = SafeContact(
        conversation_id=conversation.id,
        may_call=newer(given.may_call, known.may_call),
        may_text=newer(given.may_text, known.may_text),
        may_leave_message=newer(given.may_leave_message, known.may_leave_message),
        number_encrypted=None if number is None else book.seal(number),
        author=author,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor=author,
        action="safe_contact_answered",
        subject_type="conversation",
        subject_id=conversation.id,
        may_call=row.may_call,
        may_text=row.may_text,
        may_leave_message=row.may_leave_message,
        other_number=number is not None,
    )
    return row
