"""The editors' list: what families asked and the guide had nothing for."""

from datetime import timedelta

import pytest

from app.unanswered_table import unanswered
from helpline import conversations, retention
from helpline.clock import utcnow
from helpline.conversations import Inbound, record_inbound
from helpline.enums import Outcome
from helpline.unanswered import Gap, list_unanswered

YESTERDAY = timedelta(days=1)


@pytest.fixture
def ask(session, service):
    """Store a message with its outcome, in a new conversation unless one is given."""

    def store(words: str, outcome: Outcome, topic: str | None, conversation=None):
        if conversation is None:
            conversation, _token = conversations.open_web(session, service)
        message = record_inbound(session, service, conversation, Inbound(text=words))
        message.outcome, message.topic_id = outcome, topic
        session.flush()
        return conversation

    return store


def test_the_list_counts_by_the_nearest_topic(session, ask) -> None:
    """Most frequent first; what was answered is not on it, what is not covered is."""
    ask("something about his pills and the other thing", Outcome.CLARIFIED, "pain-relief")
    ask("the thing with the pills", Outcome.UNANSWERED, "pain-relief")
    ask("how do i book a visit", Outcome.ANSWERED, "out-of-scope")
    ask("blorp", Outcome.UNANSWERED, None)
    ask("who can help with his back", Outcome.ANSWERED, "pain-relief")

    found = list_unanswered(session, utcnow() - YESTERDAY)

    assert [(group.nearest, group.total) for group in found] == [
        ("pain-relief", 2),
        (None, 1),
        ("out-of-scope", 1),
    ]
    assert found[0].counts == {Gap.ASKED_BACK: 1, Gap.UNANSWERED: 1}
    assert found[2].counts == {Gap.OUTSIDE: 1}


def test_what_it_turned_out_to_be_is_counted(session, ask) -> None:
    """The topic that was answered next is what the question was about."""
    conversation = ask("the thing with the pills", Outcome.CLARIFIED, "pain-relief")
    ask("i mean they cut his dose", Outcome.ANSWERED, "medication-changed-or-stopped", conversation)

    (group,) = list_unanswered(session, utcnow() - YESTERDAY)

    assert group.went_on_to == {"medication-changed-or-stopped": 1}


def test_counts_outlive_the_words(session, ask) -> None:
    """Once retention has removed the words, the question still counts."""
    conversation = ask("the thing with the pills", Outcome.CLARIFIED, "pain-relief")
    (before,) = list_unanswered(session, utcnow() - YESTERDAY)
    assert [example.text for example in before.examples] == ["the thing with the pills"]

    retention.erase(session, conversation, utcnow(), "test")
    session.expire_all()

    (after,) = list_unanswered(session, utcnow() - YESTERDAY)
    assert (after.total, after.examples) == (1, ())


def test_words_of_a_conversation_with_a_concern_are_never_shown(session, ask) -> None:
    """Its questions count, before and after the concern."""
    conversation = ask("the thing with the pills", Outcome.CLARIFIED, "pain-relief")
    ask("he says he will kill himself tonight", Outcome.HANDED_OVER, None, conversation)

    (group,) = list_unanswered(session, utcnow() - YESTERDAY)

    assert (group.total, group.examples) == (1, ())


def test_older_questions_are_left_out(session, ask) -> None:
    """An editor looks at a month, not at everything."""
    ask("the thing with the pills", Outcome.CLARIFIED, "pain-relief")

    assert list_unanswered(session, utcnow() + YESTERDAY) == []


def test_the_table_shows_words_only_when_asked(session, ask) -> None:
    """By default it is counts alone."""
    ask("the thing with the pills", Outcome.CLARIFIED, "pain-relief")
    since = utcnow() - YESTERDAY

    assert len(unanswered(session, since, words=False).columns) == 5
    (words,) = list(unanswered(session, since, words=True).columns[-1].cells)
    assert words == "the thing with the pills"
