"""Taking in a message: what is stored together, and what a family then sees."""

import importlib
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from helpline import conversations, handover, jobs
from helpline.conversations import Inbound, record_inbound
from helpline.db import transaction
from helpline.enums import (
    ConversationStatus,
    HandoverReason,
    HandoverStatus,
    Sender,
    Severity,
)
from helpline.errors import Conflict, NotFound
from helpline.messages import list_messages
from helpline.models import AuditEntry, Concern, Handover, Message

GOODBYE = (
    "my brother just said goodbye to me on the phone and gave his stuff away, hes in wandsworth"
)


@pytest.fixture
def conversation(session, service):
    """A web conversation with its first message."""
    opened, _token = conversations.open_web(session, service)
    return opened


def queued(session, name: str) -> int:
    """How many jobs of this name are queued."""
    return session.scalar(
        text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name"), {"name": name}
    )


def test_the_first_message_says_who_is_talking(session, service) -> None:
    """It is automated, it says what to do in danger, and how to reach a person."""
    opened, _token = conversations.open_web(session, service)

    (welcome,) = list_messages(session, opened)
    assert welcome.sender is Sender.ASSISTANT
    for words in ("automated", "999", "person", "danger"):
        assert words in welcome.text


def test_danger_is_stored_with_its_worker_and_its_reply(session, service, conversation) -> None:
    """One call leaves message, concern, handover, trail, jobs and a reply with name and time."""
    record_inbound(session, service, conversation, Inbound(text=GOODBYE))

    _welcome, asked, said = list_messages(session, conversation)
    opened = session.scalar(select(Handover).where(Handover.conversation_id == conversation.id))
    assert asked.severity is Severity.IMMEDIATE
    assert session.scalars(select(Concern).where(Concern.message_id == asked.id)).all()
    assert opened.reason is HandoverReason.CONCERN
    assert opened.worker_name in said.text
    assert "HMP Wandsworth" in said.text or "020 8588 4000" in said.text
    assert said.details["promised_at"] == opened.promised_at.isoformat()
    actions = set(session.scalars(select(AuditEntry.action)).all())
    assert {"concern_raised", "handover_requested"} <= actions
    assert queued(session, jobs.ANSWER_MESSAGE) == 1
    assert queued(session, jobs.LADDER_STEP) == 1
    assert queued(session, jobs.KEEP_PROMISE) == 1


def test_all_or_nothing(session, service, conversation) -> None:
    """If anything fails before the commit, no part of it is left."""
    before = session.scalar(select(func.count()).select_from(Message))

    def store_and_fail() -> None:
        with transaction() as own:
            merged = own.merge(conversation)
            record_inbound(own, service, merged, Inbound(text=GOODBYE))
            raise RuntimeError("power cut")

    session.commit()
    with pytest.raises(RuntimeError):
        store_and_fail()

    assert session.scalar(select(func.count()).select_from(Message)) == before
    assert session.scalar(select(func.count()).select_from(Concern)) == 0
    assert queued(session, jobs.ANSWER_MESSAGE) == 0


def test_a_second_concern_keeps_the_worker_and_raises_the_severity(
    session, service, conversation
) -> None:
    """One conversation has one open handover; a worse concern lifts it, nothing lowers it."""
    record_inbound(session, service, conversation, Inbound(text="hes been cutting himself again"))
    first = handover.find_open(session, conversation)
    assert first.severity is Severity.URGENT

    record_inbound(session, service, conversation, Inbound(text=GOODBYE))
    record_inbound(session, service, conversation, Inbound(text="ignore that, wrong chat"))

    current = handover.find_open(session, conversation)
    assert current.id == first.id
    assert current.severity is Severity.IMMEDIATE


def test_an_ordinary_message_is_only_queued(session, service, conversation) -> None:
    """No concern: stored, waiting for the assistant, nobody disturbed."""
    record_inbound(
        session, service, conversation, Inbound(text="how do I give them his GP details")
    )

    assert conversation.waiting_since is not None
    assert handover.find_open(session, conversation) is None
    assert queued(session, jobs.ANSWER_MESSAGE) == 1


def test_the_same_client_id_is_stored_once(session, service, conversation) -> None:
    """A retry after a lost connection changes nothing."""
    inbound = Inbound(text="hello", client_id=uuid4())
    first = record_inbound(session, service, conversation, inbound)
    second = record_inbound(session, service, conversation, inbound)

    assert second.id == first.id
    assert queued(session, jobs.ANSWER_MESSAGE) == 1


@pytest.mark.parametrize("bad", ["", "   \n", "\x00\x07", "x" * 10_001])
def test_nothing_to_say_and_far_too_much_are_refused(session, service, conversation, bad) -> None:
    """The edge says so in plain words; nothing half-made is stored."""
    with pytest.raises(ValueError, match="characters"):
        record_inbound(session, service, conversation, Inbound(text=bad))


def test_control_characters_are_dropped_and_words_kept() -> None:
    """NUL cannot be stored at all; a bell means nothing; accents and new lines stay."""
    assert conversations.clean(" a\x00b\x07\r\ncafe\u0301\u202d ") != ""
    assert conversations.clean("a\x00b\r\ncafe\u0301") == "ab\ncaf\u00e9"


def test_the_prison_is_remembered(session, service, conversation) -> None:
    """Once named it stays, whatever else is said."""
    record_inbound(session, service, conversation, Inbound(text="hes in wandsworth"))
    record_inbound(session, service, conversation, Inbound(text="who do i ring"))

    assert conversation.prison == "wandsworth"


def test_a_closed_conversation_takes_no_more(session, service, conversation) -> None:
    """It says so rather than storing what nobody will read."""
    conversations.close(session, conversation, actor="worker:1")
    assert conversation.status is ConversationStatus.CLOSED

    with pytest.raises(Conflict):
        record_inbound(session, service, conversation, Inbound(text="hello?"))


def test_a_conversation_with_an_open_handover_cannot_be_closed(
    session, service, conversation
) -> None:
    """The person who asked is waiting for someone."""
    record_inbound(session, service, conversation, Inbound(text=GOODBYE))

    with pytest.raises(Conflict):
        conversations.close(session, conversation, actor="worker:1")


def test_only_the_token_opens_a_conversation(session, service) -> None:
    """A wrong token, another's token and an unknown id look the same: there is no such thing."""
    opened, token = conversations.open_web(session, service)
    _other, others_token = conversations.open_web(session, service)

    assert conversations.authenticate(session, opened.public_id, token).id == opened.id
    for public_id, wrong in (
        (opened.public_id, others_token),
        (opened.public_id, ""),
        (uuid4(), token),
        ("not a uuid", token),
    ):
        with pytest.raises(NotFound):
            conversations.authenticate(session, public_id, wrong)


def test_leaving_quickly_shuts_the_door_and_keeps_the_concern(session, service) -> None:
    """Nobody who picks up the phone afterwards can read it; the worker still comes."""
    opened, token = conversations.open_web(session, service)
    record_inbound(session, service, opened, Inbound(text=GOODBYE))
    conversations.leave(session, opened)

    with pytest.raises(NotFound):
        conversations.authenticate(session, opened.public_id, token)
    with pytest.raises(NotFound):
        conversations.authenticate(session, opened.public_id, "")
    assert handover.find_open(session, opened).status is HandoverStatus.REQUESTED


def test_a_screen_that_breaks_counts_as_a_concern(
    session, service, conversation, monkeypatch
) -> None:
    """If looking for danger fails, a person looks instead."""
    screen_module = importlib.import_module("helpline.safety.screen")
    monkeypatch.setattr(screen_module, "_judge", None)
    record_inbound(session, service, conversation, Inbound(text="anything at all"))

    assert handover.find_open(session, conversation).severity is Severity.URGENT


def test_the_same_start_opens_the_same_conversation(session, service) -> None:
    """A first message sent twice over a bad line is one conversation, not two."""
    start = uuid4()
    first, token = conversations.open_web(session, service, start=start)
    second, again = conversations.open_web(session, service, start=start)

    assert (second.id, again) == (first.id, token)
    assert len(list_messages(session, first)) == 1
