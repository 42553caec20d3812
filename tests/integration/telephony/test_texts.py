"""Texts end to end: signed webhook, storage, answer, sending, receipts."""

import dataclasses

import pytest
from sqlalchemy import select

from helpline import deliveries, safe_contact
from helpline.db import transaction
from helpline.enums import Channel, Outcome, Sender, Severity, TaskKind
from helpline.errors import TransientFailure
from helpline.guide.replies import AnswerReply, Choice, ClarifyReply, TrailReply
from helpline.line_states import TextBar, TextStatus
from helpline.models import Concern, Contact, Conversation, Handover, Task
from helpline.text_parts import segments
from telephony.carrier import TwilioLine
from telephony.practice.post import refusal

GOODBYE = "my brother said goodbye to me and gave his stuff away, hes in wandsworth"
DAWN = "+447700900111"
ANSWERED = TrailReply(topic="consent-basics", confidence=0.9, outcome=Outcome.ANSWERED)


def answering(text: str, *, next_topics=()):
    """A turn that answers with these words."""
    return lambda _asked: (
        AnswerReply(topic="consent-basics", revision_id=None, text=text, next=next_topics),
        ANSWERED,
    )


def test_a_text_is_answered_by_text(family, assistant) -> None:
    """Who we are first, then the answer; both are delivered."""
    assistant.default = answering("About consent.")
    answer = family.text("how does he say yes")

    assert (answer.status, "<Response" in answer.body) == (200, True)
    assert "<Message" not in answer.body
    assert "automated" in family.got[0]
    assert family.got[1:] == ["About consent."]
    assert {d.status for d in family.deliveries()} == {TextStatus.DELIVERED}


def test_the_same_text_twice_is_answered_once(family, assistant) -> None:
    """Twilio may call twice with one sid."""
    assistant.default = answering("About consent.")
    family.text("how does he say yes", sid="SM1")
    family.text("how does he say yes", sid="SM1")

    assert len(family.got) == 2
    assert len([m for m in family.messages() if m.sender is Sender.FAMILY]) == 1


def test_danger_is_answered_without_the_assistant(family, assistant, session) -> None:
    """Rasa is dead: the safety reply leaves all the same, first, with a name and a clock time."""
    assistant.fails = True
    family.text(GOODBYE)

    assert session.scalar(select(Concern)) is not None
    promised = session.scalar(select(Handover))
    assert promised.worker_name in family.got[0]
    assert "duty governor" in family.got[0]
    assert "999" in family.got[0]


def test_a_long_answer_is_cut_and_the_rest_comes_on_request(family, assistant) -> None:
    """Three segments at most; MORE brings the next part, and then there is no more."""
    long = " ".join(f"Sentence number {n} of the answer is here." for n in range(30))
    assistant.default = answering(long)
    family.text("tell me everything")
    first = family.got[-1]
    family.text("More")
    family.text("MORE")
    family.text("more")

    parts = [first, *family.got[2:]]
    assert all(segments(part) <= 3 for part in parts)
    assert first.endswith("Reply MORE for the rest.")
    joined = " ".join(p.removesuffix("Reply MORE for the rest.").strip() for p in parts[:-1])
    assert joined == long
    assert "That was all" in parts[-1]


def test_choices_are_numbered_and_a_number_picks(family, assistant) -> None:
    """A reply of "2" is the second choice."""
    choices = (Choice(label="Consent", payload="/consent-basics"),
               Choice(label="Medicine", payload="/medication-on-arrival"))  # fmt: skip
    assistant.default = lambda _t: (
        ClarifyReply(text="Which is closest?", choices=choices),
        TrailReply(topic=None, confidence=0.4, outcome=Outcome.CLARIFIED),
    )
    family.text("its about stuff")
    family.text("2")

    assert "1 Consent\n2 Medicine" in family.got[1]
    assert assistant.asked[-1][1] == "/medication-on-arrival"


def test_what_else_to_ask_goes_along_only_where_it_fits(family, assistant) -> None:
    """Next topics cost no further text."""
    topics = (Choice(label="Medicine when they arrive", payload="/medication-on-arrival"),)
    assistant.default = answering("Short.", next_topics=topics)
    family.text("a")
    assistant.default = answering("x" * 450, next_topics=topics)
    family.text("b")

    assert "1 Medicine when they arrive" in family.got[1]
    assert "Medicine" not in family.got[2]


@pytest.mark.parametrize("words", ["PERSON", "person.", "Can I talk to someone"])
def test_a_person_on_request_even_when_the_assistant_is_dead(family, assistant, session, words):
    """The one word always works, and a worker is named."""
    assistant.fails = True
    family.text(words)

    handover = session.scalar(select(Handover))
    assert handover.reason == "asked_for_person"
    assert handover.worker_name in family.got[-1]


def test_pictures_are_refused_kindly_and_deleted_at_the_carrier(family) -> None:
    """Nothing of them is stored; the words beside them are read."""
    family.text("look at his arm", pictures=2)
    assert any("cannot see pictures" in text for text in family.got)

    family.run_jobs(due_later=True)
    inbound = next(t for t in family.carrier.exchange.texts if t.sender == family.number)
    assert (inbound.pictures, inbound.body, inbound.erased) == ([], "", True)


def test_an_empty_text_is_answered(family) -> None:
    """No words and no picture: say so."""
    family.text("   ")

    assert "no words" in family.got[0]


def test_stop_is_obeyed_and_an_open_concern_stays_open(family, session) -> None:
    """No more texts, and a worker is told that texting is barred."""
    family.text(GOODBYE)
    before = list(family.got)
    answer = family.text("STOP")
    family.text("he is still not safe")

    contact = session.scalar(select(Contact))
    task = session.scalar(select(Task).where(Task.kind == TaskKind.TEXTING_BARRED))
    assert answer.status == 200
    assert family.got == before
    assert contact.text_bar is TextBar.CARRIER
    assert session.scalar(select(Handover)).status == "requested"
    assert task.severity is Severity.IMMEDIATE
    assert family.deliveries()[-1].status is TextStatus.BARRED

    family.text("START")
    family.session.refresh(contact)
    assert contact.text_bar is None
    assert len(family.got) == len(before) + 1


def test_asking_in_words_is_obeyed_too_and_writing_again_lifts_it(family, session) -> None:
    """The carrier does not know "please stop texting me"."""
    family.text("Please stop texting me.")
    said = list(family.got)
    contact = session.scalar(select(Contact))
    assert contact.text_bar is TextBar.ASKED
    assert "will not text you again" in said[-1]

    family.text("how do I see a doctor")
    session.refresh(contact)
    assert contact.text_bar is None
    assert len(family.got) > len(said)


def test_help_is_answered_in_our_own_words(family) -> None:
    """The carrier's canned answer says nothing about danger."""
    family.text("HELP")

    assert "999" in family.got[0]


def test_a_carrier_that_says_opted_out_bars_the_contact(family, session) -> None:
    """Error 21610 of the REST call."""
    family.carrier.exchange.text_errors[family.number] = 21610
    family.text(GOODBYE)

    assert session.scalar(select(Contact)).text_bar is TextBar.CARRIER
    assert session.scalar(select(Task).where(Task.kind == TaskKind.FAILED_TEXT)) is not None


def test_a_failed_text_to_someone_in_danger_is_a_task_and_tries_the_safer_number(
    family, session, service
) -> None:
    """The receipt says undelivered: a person has five minutes, and the other number gets it."""
    family.carrier.exchange.text_ends[family.number] = ("undelivered", 30003)
    family.carrier.exchange.text_in(family.number, GOODBYE)
    with transaction() as own:
        safe_contact.record(
            own,
            service.book,
            own.scalar(select(Conversation)),
            safe_contact.Answers(may_text=True, number="+447700900222"),
            "family",
        )
    family.run_jobs()

    task = session.scalar(select(Task).where(Task.kind == TaskKind.FAILED_TEXT))
    assert task.severity is Severity.IMMEDIATE
    assert (task.due_at - task.created_at).total_seconds() <= 300
    assert family.carrier.exchange.texts_to("+447700900222") == family.got
    assert family.deliveries()[0].error_code == 30003


def test_a_text_that_has_not_left_in_two_minutes_is_a_task(family, session) -> None:
    """The carrier is away; nobody waits for its eighth retry to hear of it."""
    family.carrier.exchange.text_in(family.number, GOODBYE)
    family.carrier.exchange.text_errors[family.number] = 20503
    with pytest.raises(AssertionError):
        family.run_jobs()
    family.carrier.exchange.text_errors.clear()
    with transaction() as own:
        first = family.deliveries()[0]
        deliveries.check(own, family.service, first.id)

    assert session.scalar(select(Task).where(Task.kind == TaskKind.FAILED_TEXT)) is not None


def test_a_text_whose_sending_was_cut_short_is_not_sent_twice(family, assistant, service) -> None:
    """The process died after the carrier took it: the next try finds it there."""
    assistant.default = answering("About consent.")
    family.text("how does he say yes")
    last = family.deliveries()[-1]
    last.status, last.provider_sid = TextStatus.SENDING, None
    family.session.commit()
    deliveries.send(service, family.carrier.line, last.id)

    assert family.got.count("About consent.") == 1


def test_receipts_move_forward_only(family, assistant) -> None:
    """Late, twice, out of order, and before we know the sid: the furthest one holds."""
    assistant.default = answering("About consent.")
    family.carrier.exchange.text_in(family.number, "hello there")
    family.run_jobs()
    text = family.carrier.exchange.texts[-1]
    for status in ("sent", "queued", "failed", "delivered", "sending", "nonsense"):
        family.carrier.exchange.receipt(text, status)
    family.run_jobs()

    assert family.deliveries()[-1].status is TextStatus.DELIVERED


@pytest.mark.parametrize(
    ("sender", "status"),
    [
        ("+442079460333", TextStatus.UNREACHABLE),  # a landline
        ("+353851234567", TextStatus.UNREACHABLE),  # abroad
        ("60060", TextStatus.UNREACHABLE),
        ("Vodafone", TextStatus.UNREACHABLE),
        ("anonymous", TextStatus.UNREACHABLE),
        ("+266696687", TextStatus.UNREACHABLE),
    ],
)
def test_who_cannot_be_texted_is_heard_all_the_same(family, session, sender, status) -> None:
    """The concern is raised, nothing is sent, and a person is told that no text can reach them."""
    family.number = sender
    family.text(GOODBYE)

    assert family.got == []
    assert family.deliveries()[0].status is status
    assert session.scalar(select(Handover)).severity is Severity.IMMEDIATE
    assert session.scalar(select(Task).where(Task.kind == TaskKind.FAILED_TEXT)) is not None


def test_hidden_senders_never_share_a_conversation(family, session) -> None:
    """Two texts without a number are two people."""
    family.number = "anonymous"
    family.text("first")
    family.text("second")

    assert len(session.scalars(select(Conversation)).all()) == 2
    assert {c.address_hmac for c in session.scalars(select(Contact))} == {None}


def test_one_sender_keeps_one_conversation(family, session) -> None:
    """However many texts."""
    family.text("first")
    family.text("second")

    conversation = session.scalars(select(Conversation)).one()
    assert conversation.channel is Channel.SMS


def test_the_carrier_being_busy_is_tried_again(family, assistant, monkeypatch) -> None:
    """A 429 is no reason to give up."""
    assistant.default = answering("About consent.")
    codes = iter([20429, 20503])
    send = family.carrier.exchange.text_out

    def busy(*args):
        if (code := next(codes, None)) is not None:
            raise refusal(code)
        return send(*args)

    monkeypatch.setattr(family.carrier.exchange, "text_out", busy)
    family.text("how does he say yes")

    assert family.got[-1] == "About consent."


def test_a_carrier_that_cannot_be_reached_is_tried_again(carrier) -> None:
    """An error of the network is transient."""
    nowhere = dataclasses.replace(carrier.account, api_base="http://127.0.0.1:9")

    with pytest.raises(TransientFailure):
        TwilioLine(nowhere, text_valid_seconds=900).send_text(DAWN, "hello", "text-1")
