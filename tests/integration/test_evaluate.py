"""`make evaluate` runs the path of a live first message, on any channel, and stores nothing."""

import pytest
from sqlalchemy import func, select

from app.evaluate import first_message
from helpline.enums import Channel, Outcome, Severity
from helpline.models import Concern, Contact, Conversation, Message
from helpline.ports import FakeAssistant

MESSAGES = {
    "danger": "my brother said goodbye and gave his things away, hes in wandsworth",
    "urgent": "hes been in a week and still not had his epilepsy tablets",
    "question": "who do i ring about the dentist",
    "polish": "m\u00f3j syn jest w wi\u0119zieniu i potrzebuje lekarza",
    "emoji": "\U0001f64f\U0001f64f",
    "nothing": "   ",
}


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("kind", MESSAGES)
def test_every_kind_of_message_gets_words_on_every_channel(service, session, channel, kind) -> None:
    """Nothing fails and nobody is met with silence."""
    found = first_message(service, FakeAssistant(), MESSAGES[kind], channel)

    assert found["reply"].strip()
    assert found["severity"] == {"danger": Severity.IMMEDIATE, "urgent": Severity.URGENT}.get(
        kind, Severity.NONE
    )
    assert (found["outcome"] == Outcome.HANDED_OVER) == (kind in {"danger", "urgent"})
    for model in (Contact, Conversation, Message, Concern):
        assert session.scalar(select(func.count()).select_from(model)) == 0
