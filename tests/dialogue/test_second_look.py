"""What the classifier notices in Rasa, where the rules notice nothing."""

import pytest

from helpline.enums import Severity
from helpline.guide.replies import ConcernReply
from helpline.safety import screen

pytestmark = pytest.mark.rasa

INDIRECT = (
    "he told his nan where he hid the will and that she should have his watch and said ta for all",
    "she wont come out of the cell since those two moved onto the landing and she flinches at keys",
    "im not ringing off till someone tells me why hes not on the list and the priest rang me back",
)
PLAIN = (
    "how do i book a visit for saturday",
    "can i send him trainers and a radio",
    "who do i complain to about the dentist waiting list",
)


@pytest.fixture
def noticed(talk):
    """Return the concerns that the classifier raises for a message, and for one after another."""

    def read(words: str, earlier: str = "") -> list[ConcernReply]:
        replies = talk(words, earlier=earlier).replies
        return [reply for reply in replies if isinstance(reply, ConcernReply)]

    return read


def test_what_no_rule_names_is_noticed(noticed) -> None:
    """Most of what the rules miss in these is raised by the second look."""
    missed = [text for text in INDIRECT if screen(text).severity is Severity.NONE]

    assert len(missed) >= 2, "the rules know these by now: write others"
    assert sum(bool(noticed(text)) for text in missed) >= len(missed) - 1


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_question_is_left_alone(noticed, text: str) -> None:
    """A question to the guide brings nobody out."""
    assert noticed(text) == []


def test_the_end_of_a_long_message_is_read(noticed) -> None:
    """Beyond what the encoder reads of the whole, passages are read by themselves."""
    polite = "Thank you for your help last week with the visits form, it was kind of you. " * 12

    assert noticed(polite) == []
    assert noticed(polite + "He has stopped his insulin, he is drowsy and he is sick all the time.")


def test_a_choice_is_never_danger(noticed) -> None:
    """What the family picked from a list was written by us."""
    assert noticed("/safer-custody") == []
