"""The hard cases of the safety notes, context, and what happens when the screen itself breaks."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.enums import ConcernKind, Severity
from helpline.safety import screen

NONE, URGENT, IMMEDIATE = Severity.NONE, Severity.URGENT, Severity.IMMEDIATE
FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("this queue is killing me", NONE),
        ("could murder someone over these visit times", NONE),
        ("he cant do this no more, told me look after the kids", IMMEDIATE),
        ("says hes not suicidal but gave all his stuff away", IMMEDIATE),
        ("hes not suicidal, just bored. can I send books", NONE),
        ("tried to hang himself 3 yrs ago, do healthcare know", URGENT),
        ("was on an ACCT last year, off it now, can he do gym", NONE),
        ("my mates lad has been cutting himself in there", URGENT),
        ("hes dibetic no insulin since weds", IMMEDIATE),
        ("od'd on spice cnt wake him pad m8 sed", IMMEDIATE),
        ("chess pains and cant breeve", IMMEDIATE),
        ("stopped his method own", URGENT),
        ("no meds n hes dead lol", URGENT),
        ("screw bent his arm back hes black n blue", URGENT),
        ("voices say hurt his pad mate", IMMEDIATE),
        ("how do I book a visit? also hes not ate for 6 days", URGENT),
        ("cant go on since he got sentenced", URGENT),
        ("his mates will visit me if I dont send money", URGENT),
        ("im 14 mum wont wake up", IMMEDIATE),
        ("they say hes passed, nobody tells me how", URGENT),
    ],
)
def test_the_hard_cases(text: str, severity: Severity) -> None:
    """The table of the safety notes; a higher level than it asks for is allowed, a lower is not."""
    found = screen(text, today=SATURDAY).severity

    assert found is NONE if severity is NONE else found.rank >= severity.rank


def test_a_hypothetical_question_is_answered_and_then_checked() -> None:
    """Asking what happens if someone feels suicidal is no concern, but worth one question."""
    found = screen("what do they do if someone feels suicidal")

    assert found.severity is NONE
    assert found.check


def test_a_dated_threat_is_immediate_on_its_day() -> None:
    """Canteen is Friday: on a Friday it is today."""
    threat = "theres a price on his head, canteen is friday"

    assert screen(threat, today=SATURDAY).severity.rank >= URGENT.rank
    assert screen(threat, today=FRIDAY).severity is IMMEDIATE


def test_yes_to_the_check_question_is_a_concern() -> None:
    """The doubt becomes a concern when the family says so."""
    doubt = "what do they do if someone feels suicidal"

    assert screen("yes", (doubt,)).severity.rank >= URGENT.rank
    assert screen("no just asking", (doubt,)).severity is NONE


def test_a_screen_that_breaks_counts_as_a_concern() -> None:
    """Whatever goes wrong inside, a person looks."""

    def broken() -> None:
        raise RuntimeError

    found = screen("hello", load=broken)

    assert found.severity is URGENT
    assert found.concerns[0].kind is ConcernKind.CHECK_FAILED


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_judged(text: str) -> None:
    """No text of any kind makes the screen fail."""
    found = screen(text)

    assert all(concern.kind is not ConcernKind.CHECK_FAILED for concern in found.concerns)
