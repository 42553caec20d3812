"""From a family's own words to a true answer or a person: core, real Rasa, real guide."""

import pytest

from app.runner import answer_message
from app.wiring import build_service
from helpline import conversations
from helpline.conversations import Inbound, record_inbound
from helpline.db import disconnect, transaction
from helpline.enums import Severity
from helpline.messages import list_messages
from helpline.models import Conversation

pytestmark = pytest.mark.rasa


@pytest.fixture(scope="module")
def service(assistant_settings):
    """The service on the database the real assistant reads."""
    yield build_service(assistant_settings)
    disconnect()


@pytest.fixture
def talk(service, rasa_assistant):
    """Say something in one conversation, let the job run, and return what came back."""
    with transaction() as session:
        conversation, _token = conversations.open_web(session, service)

    def say(words: str):
        with transaction() as session:
            ours = session.get_one(Conversation, conversation.id)
            message = record_inbound(session, service, ours, Inbound(text=words))
        answer_message(service, rasa_assistant, message.id)
        with transaction() as session:
            return list(
                list_messages(session, session.get_one(Conversation, conversation.id), message.n)
            )

    return say


def test_a_week_without_epilepsy_tablets(talk) -> None:
    """A worker is named, and the right vetted words follow with their source and its date."""
    safety, *answers = talk(
        "hes been in a week and still not had his epilepsy tablets, they wont talk to me"
    )

    assert safety.severity is Severity.URGENT
    assert safety.details["worker"] in safety.text
    assert "medication-on-arrival" in [answer.topic_id for answer in answers]
    for answer in answers:
        assert answer.revision_id
        assert answer.sources
        assert answer.details["last_checked"]
        assert answer.details["approved"] is False


def test_a_goodbye_from_wandsworth(talk) -> None:
    """The immediate reply stands alone: steps for that prison, a name, a clock time."""
    (safety,) = talk(
        "my brother just said goodbye to me on the phone and gave his stuff away, hes in wandsworth"
    )

    assert safety.severity is Severity.IMMEDIATE
    assert safety.details["worker"] in safety.text
    assert "020 8588 4000" in safety.text
    assert safety.text.index("999") < safety.text.index(safety.details["worker"])


def test_two_questions_get_two_answers(talk) -> None:
    """Neither question is lost."""
    answers = talk(
        "how does he give permission for staff to talk to me? also how can he see a nurse"
    )

    assert {answer.topic_id for answer in answers} == {"consent-basics", "seeing-doctor-or-nurse"}


def test_a_person_on_request(talk) -> None:
    """Whoever asks for a person gets a name and a time."""
    (reply,) = talk("can i please speak to a real person")

    assert reply.handover_id is not None
    assert reply.details["worker"] in reply.text


def test_a_choice_by_its_number(talk) -> None:
    """The first of the next topics is one digit away."""
    (answer,) = talk("who do i ring about his appointment with the nurse in there")
    (chosen,) = talk("1")

    assert chosen.topic_id == answer.choices[0]["payload"].removeprefix("/")
