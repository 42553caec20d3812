"""What the screen makes of context, of who is meant, and of its own failures."""

from datetime import date
from pathlib import Path

import pytest

from helpline.enums import ConcernKind, Severity
from helpline.errors import GuideError
from helpline.safety import About, Screening, rules, screen

NONE, URGENT, IMMEDIATE = Severity.NONE, Severity.URGENT, Severity.IMMEDIATE
FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
DOUBT = "what do they do if someone feels suicidal"


def test_yes_to_the_check_question_is_a_concern() -> None:
    """The doubt becomes a concern when the family says so, and stays none when they do not."""
    assert screen("yes", [DOUBT]).severity is URGENT
    assert screen("no just asking", [DOUBT]).severity is NONE
    assert screen("yes").severity is NONE
    assert screen("yes", ["how do i book a visit"]).severity is NONE


def test_an_earlier_message_completes_this_one() -> None:
    """What is said over two messages is one thing; a threat gets its day in the second."""
    assert screen("not had any since monday", ["hes a type 1 diabetic"]).severity is IMMEDIATE
    later = screen("canteen is friday", ["theres a price on his head"], today=FRIDAY)
    assert later.severity is IMMEDIATE


def test_an_earlier_concern_is_not_raised_again_by_a_plain_question() -> None:
    """The earlier message raised its own concern; this one says nothing new."""
    assert screen("how do i book a visit", ["my son is going to kill himself"]).concerns == ()


def test_only_the_last_few_messages_are_context() -> None:
    """A word from long ago does not colour a message of today."""
    chat = ["hes a type 1 diabetic", "thanks", "how do visits work", "and what do i wear"]

    assert screen("not had any since monday", chat).severity is NONE


def test_the_gravest_concern_comes_first() -> None:
    """Two things in one message: the urgent part wins, and both are kept."""
    screening = screen("he owes money on the wing and now he is not breathing")

    assert screening.concerns[0].kind is ConcernKind.MEDICAL_EMERGENCY
    assert ConcernKind.VIOLENCE_ABUSE in {c.kind for c in screening.concerns}
    assert screening.severity is IMMEDIATE


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("I want to die", About.CALLER),
        ("i feel suicidal since he got sent down", About.CALLER),
        ("my son wants to die", About.INSIDE),
        ("i think my son is suicidal", About.INSIDE),
        ("he said i want to die", About.INSIDE),
        ("my ex is outside with a knife", About.CALLER),
        ("im 14 mum wont wake up", About.CALLER),
    ],
)
def test_it_is_known_who_is_in_danger(text: str, about: About) -> None:
    """The steps differ: the prison for someone inside, 999 for the caller and those with them."""
    assert screen(text).about is about


def test_every_concern_names_the_rules_behind_it(book) -> None:
    """A worker can see why: the ids are those in the files that staff keep."""
    known = {rule.id for rule in book.rules}
    named = {name for c in screen("he has a noose and wants to die").concerns for name in c.rules}

    assert named
    assert named <= known


def test_nothing_to_read_is_nothing_found() -> None:
    """An empty message is no concern and no failure."""
    assert screen("") == Screening()
    assert screen(" \n\t ") == Screening()


def test_a_screen_that_breaks_counts_as_a_concern() -> None:
    """Whatever goes wrong inside, a person looks."""

    def broken() -> None:
        raise RuntimeError

    found = screen("hello", load=broken)

    assert found.severity is URGENT
    assert found.concerns[0].kind is ConcernKind.CHECK_FAILED


def test_broken_rules_are_loud_at_start_and_a_concern_in_use(tmp_path: Path) -> None:
    """Staff hear of broken rules at once; a family that writes meanwhile is not left unread."""
    with pytest.raises(GuideError):
        rules.load(tmp_path)

    found = screen("hello", load=lambda: rules.load(tmp_path))

    assert found.concerns[0].kind is ConcernKind.CHECK_FAILED
