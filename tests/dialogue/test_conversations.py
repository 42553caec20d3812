"""Whole conversations with the real Rasa, its action server and the published guide."""

import pytest

from helpline.enums import Channel, Outcome
from helpline.ports import TurnContext

pytestmark = pytest.mark.rasa

UNCLEAR = "it is about what happened the other day with the thing"
NOTHING = "blorp fizz wug"


def test_a_clear_question_is_answered_with_source_and_next_topics(talk) -> None:
    """The answer carries revision, source, date and two or three topics to go on with."""
    turn = talk("how does my son get to see a doctor in there?")

    (answer, trail) = turn.replies
    assert turn.answered == ["seeing-doctor-or-nurse"]
    assert answer.revision_id
    assert answer.sources
    assert answer.last_checked
    assert 2 <= len(turn.payloads) <= 3
    assert (trail.topic, trail.outcome) == ("seeing-doctor-or-nurse", Outcome.ANSWERED)
    assert trail.confidence > 0.65
    assert len(trail.alternatives) >= 2


def test_the_wording_is_that_of_the_channel(talk) -> None:
    """A text message gets the short words, a page the long ones."""
    web, sms = talk("/helplines"), talk("/helplines", channel=Channel.SMS)

    assert len(sms.text) < len(web.text)
    assert "**" not in sms.text


def test_the_known_prison_brings_its_number(talk) -> None:
    """Once the prison is known, "ring the prison" is a number."""
    assert "020 8588 4000" in talk("/who-to-contact-urgent", prison="wandsworth").text
    assert "020 8588 4000" not in talk("/who-to-contact-urgent").text


def test_a_picked_topic_is_certain(talk) -> None:
    """A choice needs no guessing."""
    turn = talk("/nobody-listens")

    assert turn.answered == ["nobody-listens"]
    assert turn.trail.confidence == 1.0


def test_what_is_not_clear_is_asked_about_once_and_then_a_person_is_offered(talk) -> None:
    """Ask back with topics and "something else"; if that fails, a person; "yes" is enough."""
    asked = talk(UNCLEAR)
    assert asked.outcome is Outcome.CLARIFIED
    assert asked.kinds == ["clarify"]
    assert asked.payloads[-1] == "/something-else"
    assert 2 <= len(asked.payloads) <= 6

    offered = talk(NOTHING)
    assert offered.phrases == ["clarify_failed"]
    assert offered.payloads == ["/want-a-person"]

    accepted = talk("yes please")
    assert accepted.handed_over
    assert accepted.outcome is Outcome.HANDED_OVER


def test_picking_one_of_the_choices_answers_it(talk) -> None:
    """The core sends the payload of what was picked."""
    picked = talk(UNCLEAR).payloads[0]

    assert talk(picked).answered == [picked.removeprefix("/")]


def test_something_else_offers_a_person_at_once(talk) -> None:
    """Somebody for whom no choice fits is not asked again."""
    talk(UNCLEAR)

    assert talk("/something-else").phrases == ["clarify_failed"]


@pytest.mark.parametrize("words", ["none of these", "neither", "no", "No thanks."])
def test_none_of_the_choices_in_words(talk, words: str) -> None:
    """The same when it is written instead of picked."""
    talk(UNCLEAR)

    assert talk(words).phrases == ["clarify_failed"]


def test_a_clear_question_after_asking_back_is_simply_answered(talk) -> None:
    """Asking back leaves no trace once the family says it clearly."""
    talk(UNCLEAR)
    assert talk("how do i complain about the prison nurse").answered == ["complaint-healthcare"]

    assert talk(UNCLEAR).outcome is Outcome.CLARIFIED


def test_declining_a_person_leaves_the_door_open(talk) -> None:
    """No is an answer: no second offer, and what comes next is heard as new."""
    talk(UNCLEAR)
    talk("/something-else")

    assert talk("no thanks").answered == ["thanks"]
    assert talk("how does he see a doctor").answered == ["seeing-doctor-or-nurse"]


def test_two_questions_get_two_answers_in_order(talk) -> None:
    """Only the last answer brings choices, so that "1" has one meaning."""
    turn = talk("How does he get to see a doctor? And is there a helpline I can ring?")

    assert turn.answered == ["seeing-doctor-or-nurse", "helplines"]
    assert turn.replies[0].next == ()
    assert turn.replies[1].next


def test_a_greeting_beside_a_question_is_no_question(talk) -> None:
    """The question is answered and nothing else."""
    assert talk("hello there, how do i make a complaint about the nurse").answered == [
        "complaint-healthcare"
    ]


@pytest.mark.parametrize(
    "words", ["can i talk to a person", "PERSON", "i want a human not a machine", "/want-a-person"]
)
def test_a_person_can_be_had_at_any_time(talk, words: str) -> None:
    """However it is asked, the core is asked for a person."""
    turn = talk(words)

    assert turn.handed_over
    assert turn.trail.topic == "want-a-person"


def test_say_that_again(talk) -> None:
    """The last answer is said again; when that does not help either, a person is offered."""
    first = talk("/consent-basics")
    again = talk("can you say that again please")
    assert again.answered == ["consent-basics"]
    assert again.replies[0].text == first.replies[0].text

    offered = talk("sorry i still dont understand")
    assert offered.phrases == ["person_offer"]
    assert talk("ok").handed_over


def test_say_that_again_after_asking_back(talk) -> None:
    """What is repeated is the question back, with the same choices."""
    asked = talk(UNCLEAR)

    assert talk("say that again").payloads == asked.payloads


def test_say_that_again_with_nothing_said(talk) -> None:
    """There is an answer to that too."""
    assert talk("can you repeat that").answered == ["repeat-or-rephrase"]


def test_which_of_two_prisons_is_asked_once(talk) -> None:
    """A name that fits two prisons is asked about beside the answer, and not again."""
    two = ("wandsworth", "wormwood-scrubs")
    turn = talk("how does he see a doctor in there", prison_candidates=two)

    assert turn.answered == ["seeing-doctor-or-nurse"]
    assert turn.phrases == ["which_prison"]
    assert turn.payloads == ["prison:wandsworth", "prison:wormwood-scrubs"]
    assert talk("and what helplines are there", prison_candidates=two).phrases == []


def test_a_noted_prison_is_said(talk) -> None:
    """Naming a prison and nothing else is confirmed by its name."""
    turn = talk("/prison-noted", prison="wandsworth")

    assert turn.phrases == ["prison_noted"]
    assert "Wandsworth" in turn.text
    assert turn.trail.topic is None


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("hello", "greeting"),
        ("thank you so much", "thanks"),
        ("bye then", "goodbye"),
        ("are you a robot", "who-are-you"),
        ("is this private or does the prison see it", "privacy"),
        ("someone is coming i need to hide this", "leave-quickly"),
        ("how do i book a visit for saturday", "out-of-scope"),
        ("when does he get out on a six year sentence", "out-of-scope"),
    ],
)
def test_conversation(talk, words: str, topic: str) -> None:
    """Everything that is not a question about the guide has its own words."""
    assert talk(words).answered == [topic]


@pytest.mark.parametrize(
    "words", [NOTHING, "?", "🙂🙂", "x" * 4000, "<b>hi</b>", "'; DROP TABLE", ""]
)
def test_what_means_nothing_is_never_met_with_silence(talk, words: str) -> None:
    """There are always words, and a way to a person is never further than the next turn."""
    turn = talk(words)

    assert turn.kinds
    assert turn.text.strip() or turn.handed_over


def test_a_payload_nobody_offered_is_read_as_words(talk) -> None:
    """An unknown topic id breaks nothing."""
    assert talk("/no-such-topic").kinds


def test_a_conversation_that_was_forgotten_begins_anew(rasa_assistant) -> None:
    """After erasure the assistant no longer knows what it said."""
    web = TurnContext(channel=Channel.WEB)
    rasa_assistant.answer("forgotten", "/consent-basics", web)
    rasa_assistant.forget("forgotten")

    again, _ = rasa_assistant.answer("forgotten", "can you say that again", web)

    assert again.topic == "repeat-or-rephrase"
