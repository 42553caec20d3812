"""Rules on how an answer is built, and on prison words it uses."""

import pytest

from helpline.enums import Channel
from helpline.guide.check_shape import shape_findings, unexplained
from helpline.guide.content import Topic
from tests.guide_folder import topic

PAGE = (
    "Ask the nurse.\n\n1. Ring them.\n2. Say why.\n\n**If nothing changes:** write.\n\n"
    "**If this is an emergency:** ring {{ phone:emergency-999 }}."
)


def _topic(section: str = "What to expect") -> Topic:
    return Topic.model_validate(topic(section=section))


def _shape(channel: Channel, text: str, section: str = "What to expect") -> list[str]:
    return [rule for _, rule, _ in shape_findings(_topic(section), channel, text)]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("Ask the nurse.\n\n", "Are they ill?\n\n", "the first sentence of a page answers"),
        ("Ask the nurse.\n\n", "", "the first sentence of a page answers"),
        ("1. Ring them.\n2. Say why.", "Ring them and say why.", "gives steps as a list"),
        ("**If nothing changes:** write.\n\n", "", "what to do if the steps fail"),
        ("**If this is an emergency:** ring", "In danger, ring", "the emergency comes last"),
    ],
)
def test_a_page_that_is_built_wrong_is_found(old: str, new: str, rule: str) -> None:
    """Answer, steps, what if they fail, emergency; in this order."""
    assert _shape(Channel.WEB, PAGE) == []
    assert any(rule in found for found in _shape(Channel.WEB, PAGE.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("Ring {{ prison:switchboard }}.\nThen wait.", True),
        ("Ring and\nwait.", False),
        ("a" * 152 + ".\nMore.", True),
        ("a" * 153 + ".\nMore.", False),
        ("a" * 130 + " {{ prison:switchboard }}.\nMore.", False),
    ],
)
def test_the_first_line_of_a_text_helps_by_itself(text: str, *, fits: bool) -> None:
    """Parts of a text can come late or never; the first is whole sentences."""
    assert (_shape(Channel.SMS, text) == []) is fits


def test_what_is_spoken_ends_with_what_to_say_next() -> None:
    """Nobody is left listening to silence."""
    assert _shape(Channel.VOICE, "Ask the nurse. You can say: talk to a person.") == []
    assert _shape(Channel.VOICE, "You can say: a person. Ask the nurse.") != []


def test_small_talk_has_no_steps() -> None:
    """A greeting is not an answer with steps."""
    assert all(_shape(channel, "Hello?", "Conversation") == [] for channel in Channel)


@pytest.mark.parametrize(
    ("bare", "told"),
    [
        ("Ask Safer Custody.", "Ask Safer Custody, the safety team."),
        ("Ask for the duty governor.", "Ask for the duty governor, who is in charge."),
        ("Write to the governor.", "Write to the governor, who runs the prison."),
        ("Ring healthcare.", "Ring healthcare, the doctors and nurses."),
        ("Fill in COMP1.", "Fill in COMP1, the complaint form."),
        ("Put in an app.", "Put in an app, a form."),
        ("Ask a Listener.", "Ask a Listener, trained by Samaritans."),
        ("Tell wing staff.", "Tell wing staff, the officers there."),
        ("Ask PALS.", "Ask PALS, the hospital's help desk."),
        ("There is an inquest.", "There is an inquest, a hearing."),
        ("Open an ACCT.", "Open an ACCT, the plan to keep them safe."),
    ],
)
def test_prison_words_are_explained_where_they_are_used(bare: str, told: str) -> None:
    """A frightened person does not look words up; the topic of meanings is all explanations."""
    assert len(list(unexplained(_topic(), bare))) == 1
    assert list(unexplained(_topic(), told)) == []
    assert list(unexplained(_topic("Plain-words glossary"), bare)) == []
