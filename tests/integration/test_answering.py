"""Answering: the assistant's replies, its failures, and the people beside it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.runner import answer_message
from helpline import conversations, handover, promises
from helpline.clock import utcnow
from helpline.conversations import Inbound, record_inbound
from helpline.enums import (
    Channel,
    ConcernKind,
    HandoverReason,
    Outcome,
    RaisedBy,
    Sender,
    Severity,
)
from helpline.guide.replies import (
    AnswerReply,
    Choice,
    ClarifyReply,
    ConcernReply,
    HandoverReply,
    TrailReply,
)
from helpline.messages import list_messages
from helpline.models import AuditEntry, Concern, Worker
from helpline.ports import FakeAssistant
from helpline.turns import compose_turn

GOODBYE = (
    "my brother just said goodbye to me on the phone and gave his stuff away, hes in wandsworth"
)
ANSWERED = TrailReply(topic="consent-basics", confidence=0.9, outcome=Outcome.ANSWERED)


@pytest.fixture
def assistant() -> FakeAssistant:
    """An assistant that answers one question and can be told to fail."""
    answer = AnswerReply(topic="consent-basics", revision_id=None, text="About consent.")
    return FakeAssistant(script={"how does he say yes": (answer, ANSWERED)})


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


def test_an_answer_arrives_with_its_topic(talk) -> None:
    """The assistant's words go out as they are, and nobody is waiting any more."""
    (answer,) = talk("how does he say yes")

    assert (answer.text, answer.topic_id) == ("About consent.", "consent-basics")
    assert talk.conversation.waiting_since is None


def test_answering_twice_says_it_once(talk, session, service, assistant) -> None:
    """A job that runs again after a crash changes nothing."""
    (answer,) = talk("how does he say yes")
    answer_message(service, assistant, answer.in_reply_to_id)

    assert len(list_messages(session, talk.conversation)) == 3


@pytest.mark.parametrize("failure", ["told to fail", "broken"])
def test_a_dead_assistant_is_never_silence(talk, assistant, failure) -> None:
    """Whatever breaks in it, the family gets fixed words and the offer of a person."""
    assistant.fails = failure == "told to fail"
    if failure == "broken":
        assistant.default = lambda _text: 1 / 0
    (answer,) = talk("anything")

    assert answer.details["phrase"] == "assistant_unavailable"
    assert answer.choices[0]["payload"] == "/want-a-person"


def test_an_empty_turn_is_never_silence(talk, assistant) -> None:
    """A trail and no words becomes words and a person."""
    assistant.default = lambda _text: (ANSWERED,)
    (answer,) = talk("anything")

    assert answer.details["phrase"] == "not_understood"
    assert answer.choices


def test_after_danger_the_guide_is_silent(talk, assistant, session) -> None:
    """Nothing buries the safety reply; the trail still keeps the topic."""
    assistant.default = lambda _text: (
        AnswerReply(topic="safer-custody", revision_id=None, text="About safety."),
        TrailReply(topic="safer-custody", confidence=0.8, outcome=Outcome.ANSWERED),
    )
    replies = talk(GOODBYE)

    assert [reply.details["kind"] for reply in replies] == ["safety"]
    asked = next(m for m in list_messages(session, talk.conversation) if m.sender is Sender.FAMILY)
    assert (asked.topic_id, asked.outcome) == ("safer-custody", Outcome.HANDED_OVER)


def test_after_an_urgent_concern_the_answer_follows(talk, assistant) -> None:
    """The urgent part comes first; the question is answered too."""
    assistant.default = lambda _text: (
        AnswerReply(topic="consent-basics", revision_id=None, text="About consent."),
        ANSWERED,
    )
    replies = talk("hes been cutting himself again")

    assert [reply.details["kind"] for reply in replies] == ["safety", "answer"]
    assert replies[1].topic_id == "consent-basics"


def test_in_a_text_the_topic_is_offered_instead(real_service) -> None:
    """Three more segments would bury the steps: one line and a choice."""
    turn = compose_turn(
        real_service.guide,
        (AnswerReply(topic="consent-basics", revision_id=None, text="About consent."), ANSWERED),
        Channel.SMS,
        Severity.URGENT,
    )

    assert [draft.kind for draft in turn.drafts] == ["phrase"]
    assert turn.drafts[0].choices[0].payload == "/consent-basics"


def test_the_second_opinion_may_raise(talk, assistant, session) -> None:
    """Only the model noticed: the concern is stored and a worker named all the same."""
    assistant.default = lambda _text: (
        ConcernReply(
            concern=ConcernKind.NEGLECT_DETERIORATION, severity=Severity.URGENT, confidence=0.7
        ),
        ANSWERED,
    )
    (reply,) = talk("i have a question about my son")

    concern = session.scalar(select(Concern).where(Concern.conversation_id == talk.conversation.id))
    assert concern.raised_by is RaisedBy.MODEL
    assert reply.handover.worker_name in reply.text


def test_asking_for_a_person_names_one(talk, assistant, session) -> None:
    """A request for a person always reaches a person, with a name and a time."""
    assistant.default = lambda _text: (
        HandoverReply(reason=HandoverReason.ASKED_FOR_PERSON),
        TrailReply(topic="want-a-person", confidence=1.0, outcome=Outcome.HANDED_OVER),
    )
    (reply,) = talk("can i talk to someone")
    (again,) = talk("please can i talk to someone")

    assert reply.handover.worker_name in reply.text
    assert again.details["phrase"] == "person_already_asked"
    assert again.handover_id == reply.handover_id


def test_once_a_worker_has_it_the_assistant_is_silent(talk, assistant, session) -> None:
    """A worker is not talked over, even by a safety reply; the concern is stored for them."""
    talk(GOODBYE)
    worker = session.scalar(select(Worker))
    opened = handover.find_open(session, talk.conversation)
    handover.claim(session, opened.id, worker.id, worker.name)
    asked = len(assistant.asked)

    assert talk("hes cutting himself now") == []
    assert len(assistant.asked) == asked
    assert handover.find_open(session, talk.conversation).worker_id == worker.id


def test_while_waiting_for_a_worker_the_assistant_goes_on(talk) -> None:
    """It answers, and says again who is coming: each time when a life is in danger."""
    talk(GOODBYE)
    replies = talk("how does he say yes")

    assert replies[0].text == "About consent."
    assert replies[1].details["phrase"] == "safety_still_open"


def test_who_is_coming_is_not_said_in_every_breath(talk) -> None:
    """After an urgent concern it is said again only when it is out of view."""
    talk("hes been cutting himself again")
    said = [reply.details.get("phrase") for _ in range(4) for reply in talk("how does he say yes")]

    assert said[0] is None
    assert said.count("safety_still_open") == 1


def test_a_pick_becomes_its_payload(talk, assistant) -> None:
    """A lone 2 means the second of what was just offered, and nothing else does."""
    offered = (
        Choice(label="Giving permission", payload="/consent-basics"),
        Choice(label="Seeing a doctor", payload="/seeing-doctor-or-nurse"),
    )
    assistant.default = lambda _text: (
        ClarifyReply(text="Which?", choices=offered),
        TrailReply(topic=None, confidence=0.3, outcome=Outcome.CLARIFIED),
    )
    talk("he wants it")
    talk("2")
    talk("/restart")

    assert [text for _key, text, _context in assistant.asked] == [
        "he wants it",
        "/seeing-doctor-or-nurse",
        "restart",
    ]


def test_picking_a_prison_remembers_it(talk, assistant, session) -> None:
    """Which Lincoln? is asked once."""
    assistant.default = lambda _text: (
        ClarifyReply(
            text="Which?", choices=(Choice(label="HMP Lincoln", payload="prison:lincoln"),)
        ),
        TrailReply(topic=None, confidence=0.3, outcome=Outcome.CLARIFIED),
    )
    talk("hes been moved")
    talk("hmp lincoln")

    session.refresh(talk.conversation)
    assert talk.conversation.prison == "lincoln"


def test_a_promise_that_would_be_missed_is_moved_first(talk, session, service) -> None:
    """Nobody claimed it: before the time passes the family hears the new one."""
    talk(GOODBYE)
    opened = handover.find_open(session, talk.conversation)
    opened.promised_at = soon = utcnow() + timedelta(minutes=2)
    session.commit()
    promises.keep_promise(session, service, opened.id)

    assert opened.promised_at > soon
    assert list_messages(session, talk.conversation)[-1].details["phrase"] == "promise_moved"
    assert "promise_moved" in session.scalars(select(AuditEntry.action)).all()


def test_a_claimed_handover_keeps_its_promise(talk, session, service) -> None:
    """The clock stops when a person has it."""
    talk(GOODBYE)
    worker = session.scalar(select(Worker))
    opened = handover.find_open(session, talk.conversation)
    handover.claim(session, opened.id, worker.id, worker.name)
    opened.promised_at = utcnow()
    before = len(list_messages(session, talk.conversation))
    promises.keep_promise(session, service, opened.id)

    assert len(list_messages(session, talk.conversation)) == before
