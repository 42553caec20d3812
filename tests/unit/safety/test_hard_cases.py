"""The table of hard cases in the safety notes, section 3, line by line."""

from datetime import date

import pytest

from helpline.enums import ConcernKind, Severity
from helpline.safety import About, screen

NONE, URGENT, IMMEDIATE = Severity.NONE, Severity.URGENT, Severity.IMMEDIATE
SUICIDE = ConcernKind.SUICIDE_SELF_HARM
MEDICAL = ConcernKind.MEDICAL_EMERGENCY
MEDICINE = ConcernKind.CRITICAL_MEDICINE
VIOLENCE = ConcernKind.VIOLENCE_ABUSE
MIND = ConcernKind.MENTAL_HEALTH_CRISIS
WORSE = ConcernKind.NEGLECT_DETERIORATION
CHILD = ConcernKind.CHILD_AT_RISK
CALLER = ConcernKind.CALLER_SAFETY
DEATH = ConcernKind.DEATH

TABLE = [
    ("this queue is killing me", set(), NONE),
    ("could murder someone over these visit times", set(), NONE),
    ("he cant do this no more, told me look after the kids", {SUICIDE}, IMMEDIATE),
    ("says hes not suicidal but gave all his stuff away", {SUICIDE}, IMMEDIATE),
    ("hes not suicidal, just bored. can I send books", set(), NONE),
    ("tried to hang himself 3 yrs ago, do healthcare know", {SUICIDE}, URGENT),
    ("was on an ACCT last year, off it now, can he do gym", set(), NONE),
    ("my mates lad has been cutting himself in there", {SUICIDE}, URGENT),
    ("my mates lad is cutting himself right now", {SUICIDE}, IMMEDIATE),
    ("hes dibetic no insulin since weds", {MEDICINE}, IMMEDIATE),
    ("od'd on spice cnt wake him pad m8 sed", {MEDICAL}, IMMEDIATE),
    ("chess pains and cant breeve", {MEDICAL}, IMMEDIATE),
    ("stopped his method own", {MEDICINE}, URGENT),
    ("no meds n hes dead lol", {MEDICINE}, URGENT),
    ("theres a price on his head, canteen is friday", {VIOLENCE}, URGENT),
    ("screw bent his arm back hes black n blue", {VIOLENCE}, URGENT),
    ("voices say hurt his pad mate", {MIND}, IMMEDIATE),
    ("how do I book a visit? also hes not ate for 6 days", {WORSE}, URGENT),
    ("cant go on since he got sentenced", {CALLER}, URGENT),
    ("his mates will visit me if I dont send money", {CALLER}, URGENT),
    ("im 14 mum wont wake up", {CHILD, MEDICAL}, IMMEDIATE),
    ("they say hes passed, nobody tells me how", {DEATH}, URGENT),
]


@pytest.mark.parametrize(("text", "kinds", "severity"), TABLE, ids=[row[0] for row in TABLE])
def test_hard_case_comes_out_as_the_safety_notes_say(text, kinds, severity):
    """Each line of the table is decided as the safeguarding lead decided it."""
    screening = screen(text)

    assert screening.severity is severity
    assert kinds <= {concern.kind for concern in screening.concerns}
    assert bool(screening.concerns) is bool(kinds)


@pytest.mark.parametrize(
    "text",
    [
        "what do they do if someone feels suicidal",
        'leaflet says "ring if you want to end your life" who do I ring',
    ],
)
def test_hypothetical_or_quoted_words_ask_the_check_question(text):
    """About nobody in particular is no alarm, but the question is asked: it may be the caller."""
    screening = screen(text)

    assert screening.severity is NONE
    assert screening.check


def test_a_price_on_his_head_for_friday_is_immediate_on_a_friday():
    """A dated threat becomes one for today when its day has come."""
    text = "theres a price on his head, canteen is friday"

    assert screen(text, today=date(2026, 11, 20)).severity is IMMEDIATE
    assert screen(text, today=date(2026, 11, 19)).severity is URGENT


def test_voices_that_threaten_a_cellmate_are_two_concerns():
    """A mind in crisis and someone else in danger are told to the worker apart."""
    kinds = {c.kind for c in screen("voices say hurt his pad mate").concerns}

    assert kinds == {MIND, VIOLENCE}


def test_caller_who_cannot_go_on_is_asked_the_check_question_too():
    """An indirect word about oneself is a concern for today, and a question for now."""
    screening = screen("cant go on since he got sentenced")

    assert screening.check
    assert screening.about is About.CALLER


def test_taking_a_message_back_is_not_the_screens_to_close():
    """Nothing is raised and nothing lowered: what is open stays open for a worker."""
    assert screen("ignore that, wrong chat", ["my son is going to kill himself"]).concerns == ()
