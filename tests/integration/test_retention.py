"""Words go when their time is up; what happened stays."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from helpline import conversations, handover, retention
from helpline.clock import utcnow
from helpline.conversations import Inbound, record_inbound
from helpline.errors import NotFound
from helpline.messages import list_messages
from helpline.models import Concern


@pytest.fixture
def old(session, service):
    """Make a conversation whose last message is so many days old."""

    def make(days: int, words: str = "how do i see his gp notes"):
        conversation, token = conversations.open_web(session, service)
        record_inbound(session, service, conversation, Inbound(text=words))
        conversation.last_message_at = utcnow() - timedelta(days=days)
        session.flush()
        return conversation, token

    return make


def test_ordinary_words_go_after_their_days(session, settings, old) -> None:
    """Texts are blank, the rows and their counts stay, the token opens nothing."""
    conversation, token = old(settings.message_retention_days + 1)
    keys = retention.remove_old_words(session, settings, utcnow())
    session.expire_all()

    assert keys == [conversation.key]
    assert {message.text for message in list_messages(session, conversation)} == {None}
    with pytest.raises(NotFound):
        conversations.authenticate(session, conversation.public_id, token)


def test_recent_words_stay(session, settings, old) -> None:
    """A day too early removes nothing."""
    old(settings.message_retention_days - 1)

    assert retention.remove_old_words(session, settings, utcnow()) == []


def test_a_case_is_kept_for_its_years(session, settings, old) -> None:
    """A conversation with a concern outlives ordinary ones, even once its handover is closed."""
    conversation, _token = old(settings.message_retention_days + 1, "hes cutting himself")
    opened = handover.find_open(session, conversation)
    assert retention.remove_old_words(session, settings, utcnow()) == []

    handover.close(session, opened.id, opened.worker_id, reason="seen")
    assert retention.remove_old_words(session, settings, utcnow()) == []

    conversation.last_message_at = utcnow() - timedelta(days=settings.case_retention_days + 1)
    session.flush()
    assert retention.remove_old_words(session, settings, utcnow()) == [conversation.key]
    assert session.scalar(select(func.count()).select_from(Concern)) > 0


def test_an_open_handover_is_never_touched(session, settings, old) -> None:
    """Somebody may still be waiting, however old it is."""
    old(settings.case_retention_days + 1, "hes cutting himself")

    assert retention.remove_old_words(session, settings, utcnow()) == []
