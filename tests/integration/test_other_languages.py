"""A family that does not write in English: fixed words in their language, and a person."""

import pytest

from app.runner import answer_message
from helpline import conversations
from helpline.conversations import Inbound, record_inbound
from helpline.enums import Outcome, Sender
from helpline.guide.languages import Foreign
from helpline.messages import list_messages
from helpline.ports import FakeAssistant


@pytest.fixture
def assistant() -> FakeAssistant:
    """An assistant that would answer anything."""
    return FakeAssistant()


@pytest.fixture
def talk(session, service, assistant):
    """Say something in one conversation and return what came back."""
    conversation, _token = conversations.open_web(session, service)

    def say(words: str):
        message = record_inbound(session, service, conversation, Inbound(text=words))
        session.commit()
        answer_message(service, assistant, message.id)
        session.expire_all()
        assert message.outcome in {Outcome.UNANSWERED, Outcome.HANDED_OVER}
        later = list_messages(session, conversation, message.n)
        return [m for m in later if m.sender is Sender.ASSISTANT]

    return say


def test_polish_gets_polish_words_and_a_person(talk, assistant) -> None:
    """The assistant, which knows English, is not asked."""
    own, english = talk("Jak mogę skontaktować się z lekarzem w więzieniu?")

    assert "Czytam tylko po angielsku" in own.text
    assert "999" in own.text
    assert english.details["phrase"] == "other_language"
    assert english.conversation.language == "pl", "a worker who speaks it is preferred"
    assert [choice["payload"] for choice in english.choices] == ["/want-a-person"]
    assert assistant.asked == []


def test_a_language_without_words_of_its_own_gets_the_english_ones(talk, assistant) -> None:
    """Ukrainian is recognised; the guide has no Ukrainian."""
    (english,) = talk("Як мені поговорити з лікарем тюрми?")

    assert english.details["phrase"] == "other_language"
    assert assistant.asked == []


def test_danger_in_another_language_brings_a_person_and_the_words(talk) -> None:
    """The safety reply names a worker; what to do now follows in Polish."""
    safety, own = talk("mój brat nie oddycha, proszę pomóżcie mu, jest w celi")

    assert safety.handover_id is not None
    assert "Polish interpreter" in own.text


def test_a_detector_that_breaks_is_no_silence(service, talk, monkeypatch) -> None:
    """The family gets the fixed words and a person."""

    def broken(_text: str) -> Foreign | None:
        raise RuntimeError("broken")

    monkeypatch.setattr(service.guide, "find_foreign", broken)

    (said,) = talk("how does he see a doctor")

    assert said.details["phrase"] == "assistant_unavailable"
