"""The check question: who is asked, what a yes, a no and no answer do, with Rasa dead or alive."""

import pytest
from sqlalchemy import func, select

from app.runner import answer_message
from helpline import check_question, conversations, handover
from helpline.conversations import Inbound, record_inbound
from helpline.enums import ConcernKind, Outcome, RaisedBy, Severity
from helpline.guide.replies import AnswerReply, CheckReply, ConcernReply, TrailReply
from helpline.messages import list_messages
from helpline.models import Concern, Task, Worker
from helpline.ports import FakeAssistant

RULES_DOUBT = "what do they do if someone feels suicidal"
MODEL_DOUBT = "i have a question about my son"
TRAIL = TrailReply(topic="consent-basics", confidence=0.9, outcome=Outcome.ANSWERED)
ANSWER = AnswerReply(topic="consent-basics", revision_id=None, text="About consent.")
DOUBT = CheckReply(concern=ConcernKind.VIOLENCE_ABUSE, confidence=0.5)


@pytest.fixture
def assistant() -> FakeAssistant:
    """An assistant that answers, and is in doubt about one message."""
    return FakeAssistant(
        script={MODEL_DOUBT: (ANSWER, DOUBT, TRAIL)}, default=lambda _text: (ANSWER, TRAIL)
    )


@pytest.fixture
def talk(session, service, assistant):
    """Say something in one conversation and return what came back."""
    conversation, _token = conversations.open_web(session, service)

    def say(words: str):
        message = record_inbound(session, service, conversation, Inbound(text=words))
        session.commit()
        answer_message(service, assistant, message.id)
        session.expire_all()
        return list(list_messages(session, conversation, message.n))

    say.conversation = conversation
    return say


def concerns(session, talk) -> list[Concern]:
    """Return the concerns of the conversation."""
    query = select(Concern).where(Concern.conversation_id == talk.conversation.id)
    return list(session.scalars(query))


@pytest.mark.parametrize("doubtful", [RULES_DOUBT, MODEL_DOUBT])
def test_in_doubt_the_guide_answers_and_the_question_follows(talk, session, doubtful) -> None:
    """Either layer's doubt asks, and asking is no catch."""
    answer, question = talk(doubtful)

    assert answer.topic_id == "consent-basics"
    assert question.details["kind"] == "check"
    assert [choice["payload"] for choice in question.choices] == ["check:yes", "check:no"]
    assert concerns(session, talk) == []


@pytest.mark.parametrize("yes", ["yes", "1", "Yes, I am worried", "yeah he is"])
@pytest.mark.parametrize("doubtful", [RULES_DOUBT, MODEL_DOUBT])
def test_yes_raises_the_doubted_concern_at_once(talk, session, assistant, yes, doubtful) -> None:
    """It is danger now, so immediate; it is on disk and answered with Rasa dead."""
    talk(doubtful)
    assistant.fails = True
    (reply,) = talk(yes)

    (concern,) = concerns(session, talk)
    expected = {
        RULES_DOUBT: ConcernKind.SUICIDE_SELF_HARM,
        MODEL_DOUBT: ConcernKind.VIOLENCE_ABUSE,
    }
    assert (concern.kind, concern.severity) == (expected[doubtful], Severity.IMMEDIATE)
    assert concern.rules[-1] == "check-answered-yes"
    assert reply.handover.worker_name in reply.text


@pytest.mark.parametrize("no", ["no", "2", "nope", "no just asking"])
def test_no_raises_nothing_and_leaves_the_door_open(talk, session, assistant, no) -> None:
    """The guide had answered already; what to do if it changes is said once."""
    talk(MODEL_DOUBT)
    asked = len(assistant.asked)
    (reply,) = talk(no)

    assert reply.details["phrase"] == "check_answered_no"
    assert concerns(session, talk) == []
    assert len(assistant.asked) == asked


def test_a_no_with_danger_in_it_is_danger(talk, session) -> None:
    """The answer is screened like any other message."""
    talk(MODEL_DOUBT)
    talk("no but my son says he wants to die tonight")

    (concern,) = concerns(session, talk)
    assert concern.severity is Severity.IMMEDIATE


def test_without_an_answer_the_next_question_is_answered(talk, session, assistant) -> None:
    """Another question is no answer; a yes after that answers nothing any more."""
    talk(MODEL_DOUBT)
    (answer,) = talk("how do i book a visit")
    talk("yes")

    assert answer.topic_id == "consent-basics"
    assert assistant.asked[-1][1] == "yes"
    assert concerns(session, talk) == []


@pytest.mark.parametrize(("then", "tasks"), [((), 1), (("no",), 0), (("how do i visit",), 0)])
def test_silence_is_put_before_a_person(talk, session, then, tasks) -> None:
    """Fifteen minutes without a word open one task; any word opens none."""
    question = talk(MODEL_DOUBT)[-1]
    for words in then:
        talk(words)
    for _ in range(2):  # a job may run twice
        check_question.note_silence(session, question.id)
    session.commit()

    mine = Task.conversation_id == talk.conversation.id
    assert session.scalar(select(func.count()).select_from(Task).where(mine)) == tasks


def test_it_is_not_asked_while_a_person_is_on_the_way(talk) -> None:
    """They will read the doubtful message too."""
    talk("my son says he wants to die tonight")

    assert "check" not in {reply.details["kind"] for reply in talk(MODEL_DOUBT)}


def test_what_was_said_before_is_sent_along(talk, assistant) -> None:
    """The second layer reads two messages as one; it is not told the whole conversation."""
    talk("theres a price on " + "his head " * 100)
    talk("canteen is friday")

    assert assistant.asked[0][2].earlier == ""
    assert assistant.asked[1][2].earlier.endswith("his head")
    assert len(assistant.asked[1][2].earlier) <= 400


def test_the_second_layer_is_heard_when_a_worker_took_over_meanwhile(
    talk, session, service, assistant
) -> None:
    """The concern is stored for the worker; nothing is said over them."""
    noticed = ConcernReply(
        concern=ConcernKind.CALLER_SAFETY, severity=Severity.URGENT, confidence=0.9
    )
    talk("my son says he wants to die tonight")
    opened = handover.find_open(session, talk.conversation)
    worker = session.scalar(select(Worker))

    def answer(_text: str):
        handover.claim(session, opened.id, worker.id, worker.name)
        session.commit()
        return (ANSWER, noticed, TRAIL)

    assistant.default = answer

    assert talk("something else") == []
    assert {concern.raised_by for concern in concerns(session, talk)} >= {RaisedBy.MODEL}
