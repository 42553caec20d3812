"""Who needs a person, in which order: the lists of the desk, and finding a conversation again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session, joinedload

from helpline.addresses import read_spoken_number
from helpline.contacts import AddressBook
from helpline.enums import ConcernKind, HandoverStatus, Sender, Severity
from helpline.models import Concern, Contact, Conversation, Handover, Message

OPEN_AT_MOST = 500  # open families in one list; a helpline with more needs people, not pages
PAGE = 25
FOUND_AT_MOST = 50
NUMBER = re.compile(r"[+0-9][0-9\s()-]{6,20}")
REFERENCE = re.compile(r"[0-9a-f]{6,8}")


class Tab(StrEnum):
    """The lists of the inbox."""

    NOW = "now"  # needs a human now
    MINE = "mine"
    UNCLAIMED = "unclaimed"
    WAITING = "waiting"  # for the family's answer
    CLOSED = "closed"


@dataclass(frozen=True)
class Item:
    """One family in a list."""

    handover: Handover
    conversation: Conversation
    last_words: str | None  # the family's newest, None once removed
    family_at: datetime | None
    attention_since: datetime | None  # the family waits for a person since then
    kinds: tuple[ConcernKind, ...]

    @property
    def needs_human(self) -> bool:
        """Raised by anything the family writes, lowered only by a person's reply."""
        return self.attention_since is not None


def list_open(session: Session, *, practice: bool) -> list[Item]:
    """Return every open handover: the most severe first, then who waits longest.

    A family waits from the first message no person has replied to; one that was never replied to
    waits since the handover was asked for.
    """
    first_unanswered = (
        select(func.min(Message.created_at))
        .where(
            Message.conversation_id == Handover.conversation_id,
            Message.sender == Sender.FAMILY,
            Message.created_at >= Handover.requested_at,
            Message.n
            > func.coalesce(
                select(func.max(Message.n))
                .where(
                    Message.conversation_id == Handover.conversation_id,
                    Message.sender == Sender.WORKER,
                )
                .correlate(Handover)
                .scalar_subquery(),
                0,
            ),
        )
        .correlate(Handover)
        .scalar_subquery()
    )
    replied = exists().where(
        Message.conversation_id == Handover.conversation_id,
        Message.sender == Sender.WORKER,
        Message.created_at >= Handover.requested_at,
    )
    query = (
        _with_last_words(select(Handover, Conversation))
        .add_columns(first_unanswered, replied)
        .where(Handover.status != HandoverStatus.CLOSED, Conversation.practice == practice)
        .order_by(Handover.id)
        .limit(OPEN_AT_MOST)
    )
    rows = session.execute(query).all()
    kinds = _kinds(session, [row[0].id for row in rows])
    items = []
    for held, conversation, words, family_at, unanswered, was_replied in rows:
        since = unanswered if was_replied else held.requested_at
        items.append(Item(held, conversation, words, family_at, since, kinds.get(held.id, ())))
    return sorted(items, key=_urgency)


def pick(items: Sequence[Item], tab: Tab, worker_id: int | None) -> list[Item]:
    """Return those of the open items that belong in a list."""

    def belongs(item: Item) -> bool:
        if tab is Tab.NOW:
            return item.needs_human
        if tab is Tab.MINE:
            return _is_for(item.handover, worker_id)
        if tab is Tab.UNCLAIMED:
            return item.handover.status is HandoverStatus.REQUESTED
        return tab is Tab.WAITING and not item.needs_human

    return [item for item in items if belongs(item)]


def list_closed(
    session: Session, *, practice: bool, worker_id: int | None, before: int | None = None
) -> list[Item]:
    """Return a page of closed handovers, newest first; of one worker, or of all with None."""
    query = _with_last_words(select(Handover, Conversation)).where(
        Handover.status == HandoverStatus.CLOSED, Conversation.practice == practice
    )
    if worker_id is not None:
        query = query.where(Handover.worker_id == worker_id)
    if before is not None:
        closed = select(Handover.closed_at).where(Handover.id == before).scalar_subquery()
        query = query.where(
            or_(
                Handover.closed_at < closed,
                and_(Handover.closed_at == closed, Handover.id < before),
            )
        )
    rows = session.execute(
        query.order_by(Handover.closed_at.desc(), Handover.id.desc()).limit(PAGE)
    ).all()
    kinds = _kinds(session, [row[0].id for row in rows])
    return [
        Item(held, talk, words, at, None, kinds.get(held.id, ())) for held, talk, words, at in rows
    ]


def may_open(session: Session, conversation: Conversation, worker_id: int | None) -> bool:
    """Whether a worker who is no lead may open it: somebody is needed now, or they helped there."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Handover.conversation_id == conversation.id,
                    or_(
                        Handover.status != HandoverStatus.CLOSED,
                        Handover.worker_id == worker_id,
                    ),
                )
            )
        )
    )


def find(
    session: Session,
    book: AddressBook,
    query: str,
    *,
    practice: bool,
    worker_id: int | None,
) -> list[Conversation]:
    """Return conversations by reference, whole phone number, or words; newest first.

    With `worker_id` only those this worker may open; with None (a lead) all of them.
    """
    wanted = query.strip()
    if not wanted:
        return []
    plain = wanted.casefold().removeprefix("r-")
    number = _number(wanted)
    if REFERENCE.fullmatch(plain):
        condition = Conversation.public_id.between(
            UUID(plain.ljust(32, "0")), UUID(plain.ljust(32, "f"))
        )
    elif number is not None:
        condition = Conversation.contact_id.in_(
            select(Contact.id).where(Contact.address_hmac == book.fingerprint(number))
        )
    else:
        # The newest matches first, so that a common word does not read a million messages.
        words = func.websearch_to_tsquery(literal_column("'simple'"), wanted)
        vector = func.to_tsvector(literal_column("'simple'"), Message.text)
        condition = Conversation.id.in_(
            select(Message.conversation_id)
            .where(vector.op("@@")(words))
            .order_by(Message.id.desc())
            .limit(FOUND_AT_MOST * 20)
        )
    found = select(Conversation).where(condition, Conversation.practice == practice)
    if worker_id is not None:
        found = found.where(
            exists().where(
                Handover.conversation_id == Conversation.id,
                or_(Handover.status != HandoverStatus.CLOSED, Handover.worker_id == worker_id),
            )
        )
    newest = found.order_by(Conversation.last_message_at.desc()).limit(FOUND_AT_MOST)
    return list(session.scalars(newest.options(joinedload(Conversation.contact))))


def earlier(session: Session, conversation: Conversation) -> Sequence[Conversation]:
    """Return other conversations from the same phone, newest first. A phone is not a person."""
    return session.scalars(
        select(Conversation)
        .where(
            Conversation.contact_id == conversation.contact_id,
            Conversation.id != conversation.id,
        )
        .order_by(Conversation.last_message_at.desc())
        .limit(PAGE)
    ).all()


def reference(conversation: Conversation) -> str:
    """Return what people call a conversation when they speak about it: "R-1a2b3c4d"."""
    return f"R-{conversation.public_id.hex[:8]}"


def _urgency(item: Item) -> tuple[int, datetime]:
    return -item.handover.severity.rank, item.attention_since or item.handover.requested_at


def _is_for(held: Handover, worker_id: int | None) -> bool:
    if worker_id is None:
        return False
    claimed = held.status is HandoverStatus.CLAIMED and held.worker_id == worker_id
    return claimed or held.transfer_to_id == worker_id


def _with_last_words(query: Select[Any, Any]) -> Select[Any, Any, Any, Any]:
    last = (
        select(Message.text, Message.created_at)
        .where(
            Message.conversation_id == Handover.conversation_id,
            Message.sender == Sender.FAMILY,
        )
        .order_by(Message.n.desc())
        .limit(1)
        .correlate(Handover)
        .lateral()
    )
    return (
        query.join(Conversation, Conversation.id == Handover.conversation_id)
        .outerjoin(last, literal_column("true"))
        .options(joinedload(Conversation.contact))
        .add_columns(last.c.text, last.c.created_at)
    )


def _kinds(session: Session, handover_ids: list[int]) -> dict[int, tuple[ConcernKind, ...]]:
    if not handover_ids:
        return {}
    rows = session.execute(
        select(Concern.handover_id, Concern.kind)
        .where(Concern.handover_id.in_(handover_ids), Concern.severity != Severity.NONE)
        .order_by(Concern.id)
    )
    kinds: dict[int, dict[ConcernKind, None]] = {}
    for handover_id, kind in rows:
        kinds.setdefault(handover_id, {})[kind] = None
    return {handover_id: tuple(found) for handover_id, found in kinds.items()}


def _number(text: str) -> str | None:
    return read_spoken_number(text).number if NUMBER.fullmatch(text) else None
