"""What the helpline says, from the published revisions and the vetted contacts."""

import threading
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from actions.message import Heard
from actions.turn import Speaker
from helpline.db import session_factory
from helpline.enums import Channel, Outcome
from helpline.errors import GuideError, NotFound, TransientFailure
from helpline.guide.answers import HeldBack, PublishedGuide
from helpline.guide.loader import load_guide
from helpline.guide.replies import TopicScore
from helpline.guide.repository import find_published, import_guide, publish, withdraw
from tests.guide_folder import ANSWERS, GuideFolder, topic

TODAY = date(2026, 12, 1)


@pytest.fixture
def folder(tmp_path: Path) -> GuideFolder:
    """A small guide: two topics that lead to each other and to a draft."""
    folder = GuideFolder(tmp_path / "guide")
    folder.write_topic(
        topic(
            "seeing-a-nurse",
            next=["the-dentist", "not-yet"],
            variants=[
                {"applies_to": ["under_18"], "web": "Ask the unit's nurse."},
                {"applies_to": ["wales"], "web": "In Wales, ask the health board."},
            ],
        )
    )
    folder.write_topic(
        topic("the-dentist", title="And the dentist?", approval={"by": "A. C.", "on": "2026-11-22"})
    )
    folder.write_topic(topic("not-yet", status="draft"))
    return folder


@pytest.fixture
def guide(session: Session, folder: GuideFolder) -> PublishedGuide:
    """The published guide over this test's transaction, on a fixed day, in practice mode."""
    import_guide(session, load_guide(folder.path), "files")
    return _guide(folder)


def _guide(folder: GuideFolder, **changed) -> PublishedGuide:
    settings = {"allow_unverified": True, "grace_days": 30, "today": lambda: TODAY}
    return PublishedGuide(session_factory(), folder.path, **{**settings, **changed})


def test_an_answer_comes_word_for_word_from_its_revision(
    session: Session, guide: PublishedGuide
) -> None:
    """Text, revision, sources, date and approval are those of what is published."""
    answer = guide.answer("seeing-a-nurse", Channel.SMS)

    revision = find_published(session, "seeing-a-nurse")
    assert revision is not None
    assert answer.revision_id == revision.id
    assert answer.text == "Ring the prison's main number and ask for the nurse."
    assert answer.last_checked == date(2026, 11, 21)
    assert [source.title for source in answer.sources] == ["A page"]
    assert not answer.approved
    assert guide.answer("the-dentist", Channel.WEB).approved


def test_next_topics_are_only_those_that_can_be_answered(guide: PublishedGuide) -> None:
    """No choice leads to a draft; labels are the titles families read."""
    [choice] = guide.answer("seeing-a-nurse", Channel.WEB).next

    assert (choice.label, choice.payload) == ("And the dentist?", "/the-dentist")


@pytest.mark.parametrize(
    ("prison", "start"),
    [
        (None, "Ring the prison's main number and"),
        ("isis", "Ring the prison's main number ([020 3356 4000](tel:+442033564000), "),
        ("parc", "In Wales, ask the health board."),
        ("werrington", "Ask the unit's nurse."),
        ("atlantis", "Ring the prison's main number and"),
    ],
)
def test_the_prison_decides_number_and_wording(
    guide: PublishedGuide, prison: str | None, start: str
) -> None:
    """Once the prison is known its number stands in the answer, and its nation's words."""
    assert guide.answer("seeing-a-nurse", Channel.WEB, prison).text.startswith(start)


def test_a_variant_without_words_for_a_channel_keeps_the_common_ones(guide: PublishedGuide) -> None:
    """The Welsh web wording does not silence the text message."""
    assert guide.answer("seeing-a-nurse", Channel.SMS, "parc").text.startswith("Ring the prison's")


def test_live_mode_holds_back_numbers_that_nobody_rang(
    guide: PublishedGuide, folder: GuideFolder
) -> None:
    """The same answer gives the way to find the number instead."""
    live = _guide(folder, allow_unverified=False)

    text = live.answer("seeing-a-nurse", Channel.WEB, "isis").text

    assert "020 3356 4000" in guide.answer("seeing-a-nurse", Channel.WEB, "isis").text
    assert "020 3356 4000" not in text
    assert "find it on" in text


@pytest.mark.parametrize("topic_id", ["nowhere", "not-yet"])
def test_what_is_not_published_is_not_found(guide: PublishedGuide, topic_id: str) -> None:
    """Unknown topics and drafts are one and the same to a family."""
    assert not guide.has(topic_id)
    with pytest.raises(NotFound):
        guide.answer(topic_id, Channel.WEB)
    with pytest.raises(NotFound):
        guide.title(topic_id)


def test_published_words_go_live_at_once(session: Session, guide: PublishedGuide) -> None:
    """An editor's correction is said in the very next answer, and a withdrawal silences it."""
    assert guide.answer("seeing-a-nurse", Channel.WEB).text.startswith("Ring the")

    publish(session, "seeing-a-nurse", topic(answers={**ANSWERS, "web": "New words."}), "worker:1")
    session.commit()
    assert guide.answer("seeing-a-nurse", Channel.WEB).text == "New words."

    withdraw(session, "seeing-a-nurse", "worker:1")
    session.commit()
    assert not guide.has("seeing-a-nurse")


@pytest.mark.parametrize(
    ("today", "held"),
    [(date(2027, 5, 21), False), (date(2027, 6, 20), False), (date(2027, 6, 21), True)],
)
def test_an_answer_nobody_reviewed_is_held_back_after_the_grace(
    guide: PublishedGuide, folder: GuideFolder, today: date, *, held: bool
) -> None:
    """review_by is 21 May; with 30 days of grace the answer stands to 20 June and no longer."""
    later = _guide(folder, today=lambda: today)

    assert later.has("seeing-a-nurse")
    if held:
        with pytest.raises(HeldBack):
            later.answer("seeing-a-nurse", Channel.WEB)
    else:
        assert later.answer("seeing-a-nurse", Channel.WEB).text


def test_staff_see_what_is_lapsed_and_families_are_not_led_there(
    session: Session, guide: PublishedGuide, folder: GuideFolder
) -> None:
    """A lapsed topic is listed for staff, and is no longer offered as a next step."""
    folder.write_topic(topic("the-dentist", review_by="2026-11-21", reviewed_on="2026-11-20"))
    import_guide(session, load_guide(folder.path), "files")
    session.commit()

    late = _guide(folder, today=lambda: date(2027, 1, 1))

    assert late.lapsed() == ("the-dentist",)
    assert late.answer("seeing-a-nurse", Channel.WEB).next == ()


def test_a_phrase_takes_its_fields_and_no_others(guide: PublishedGuide) -> None:
    """A missing field is noticed by us, not by a family who reads {time}."""
    said = guide.phrase("on_the_way", Channel.SMS, worker="Sam {time}", time="9 am {{ x }}")

    assert said == "Sam {time} rings by 9 am {{ x }}. In danger, ring 999."
    with pytest.raises(TypeError):
        guide.phrase("on_the_way", Channel.SMS, worker="Sam")
    with pytest.raises(TypeError):
        guide.phrase("greeting", Channel.SMS, worker="Sam")
    with pytest.raises(NotFound):
        guide.phrase("nothing", Channel.SMS)


def test_words_of_the_safety_reply_are_rendered_for_the_prison(guide: PublishedGuide) -> None:
    """Fragments from other files of the guide use the same tokens."""
    text = "Ring {{ prison:switchboard }}."

    assert guide.render(text, channel=Channel.SMS, prison_key="isis") == (
        "Ring the prison's main number (020 3356 4000, not yet checked)."
    )
    assert guide.prison_name("isis", Channel.VOICE) == "Isis prison"
    assert guide.find_prisons("hes in wandsworth").prison == "wandsworth"


def test_broken_files_leave_the_running_words_as_they_were(
    session: Session, guide: PublishedGuide, folder: GuideFolder
) -> None:
    """A mistake on disk is not taken up by a running helpline; a good change is."""
    guide.answer("seeing-a-nurse", Channel.WEB)
    folder.write("phrases.yml", "greeting: [\n")
    publish(session, "seeing-a-nurse", topic(answers={**ANSWERS, "web": "New."}), "worker:1")
    session.commit()

    assert guide.answer("seeing-a-nurse", Channel.WEB).text == "New."
    assert guide.phrase("greeting", Channel.WEB) == "Hello."

    hello = {"web": "Good day.", "sms": "Good day.", "voice": "Good day."}
    folder.write("phrases.yml", {"greeting": hello})
    guide.refresh()
    assert guide.phrase("greeting", Channel.WEB) == "Good day."


def test_broken_files_stop_a_start(folder: GuideFolder) -> None:
    """A process that has no words yet does not start with half of them."""
    folder.write("phrases.yml", "greeting: [\n")

    with pytest.raises(GuideError):
        _guide(folder)


def test_phrases_and_contacts_need_no_database(folder: GuideFolder) -> None:
    """With the database down there are still words and numbers; only answers are missing."""
    nowhere = sessionmaker(create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    guide = PublishedGuide(nowhere, folder.path, allow_unverified=True)

    assert guide.phrase("greeting", Channel.WEB) == "Hello."
    assert guide.render("{{ phone:samaritans }}", channel=Channel.SMS) == "116 123"
    with pytest.raises(TransientFailure):
        guide.answer("seeing-a-nurse", Channel.WEB)


def test_answers_once_read_outlive_the_database(
    guide: PublishedGuide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that goes away does not take away what was already read."""
    before = guide.answer("seeing-a-nurse", Channel.WEB)
    gone = sessionmaker(create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    monkeypatch.setattr(guide, "_sessions", gone)

    assert guide.answer("seeing-a-nurse", Channel.WEB) == before


def test_the_action_server_builds_its_own(database_url: str, engine) -> None:
    """Given only an address, a process without our settings answers from the real guide."""
    with closing(PublishedGuide.from_url(database_url, allow_unverified=True)) as guide:
        assert "who-to-contact-urgent" in guide.topic_ids()
        assert "999" in guide.answer("who-to-contact-urgent", Channel.SMS).text


def test_many_threads_share_one_guide(database_url: str, engine) -> None:
    """Requests at the same moment all get the same answer, also the very first time."""
    texts: list[str] = []
    with closing(PublishedGuide.from_url(database_url, allow_unverified=True)) as guide:

        def ask() -> None:
            texts.append(guide.answer("who-to-contact-urgent", Channel.SMS).text)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(texts) == 8
    assert len(set(texts)) == 1


def test_staff_see_how_each_answer_stands(guide: PublishedGuide, folder: GuideFolder) -> None:
    """Due within a month, past its date, held back: each with its owner and Pact's approval."""
    for today, state in [
        (date(2027, 4, 20), "current"),
        (date(2027, 4, 21), "due"),
        (date(2027, 5, 22), "lapsed"),
        (date(2027, 6, 21), "held_back"),
    ]:
        later = _guide(folder, today=lambda day=today: day)
        reviews = {review.id: review for review in later.list_reviews()}

        assert set(reviews) == {"seeing-a-nurse", "the-dentist"}
        assert reviews["seeing-a-nurse"].state == state
        assert reviews["the-dentist"].approved
        assert not reviews["seeing-a-nurse"].approved


def test_in_place_of_a_late_answer_a_family_is_offered_a_person(
    guide: PublishedGuide, folder: GuideFolder
) -> None:
    """The turn as the action server composes it: no words of the answer, and a person to pick."""
    same = {"web": "A person can help.", "sms": "Reply PERSON.", "voice": "Say: a person."}
    folder.write("phrases.yml", {"unanswered": same, "person_choice_label": dict(same)})
    message = Heard(
        text="he needs a nurse",
        channel=Channel.WEB,
        prison=None,
        prison_candidates=(),
        topics=("seeing-a-nurse",),
        leaning=(),
        plausible=(),
        ranking=(TopicScore(topic="seeing-a-nurse", confidence=0.9),),
        expecting="nothing",
        offered=(),
        said=(),
        repeated=False,
        prison_asked=False,
        danger={},
    )
    in_time, late = (
        Speaker(_guide(folder, today=lambda day=day: day), message).answer().replies
        for day in (date(2027, 6, 20), date(2027, 6, 21))
    )

    assert [reply.kind for reply in in_time] == ["answer", "trail"]
    offer, trail = late
    assert offer.kind == "phrase"
    assert offer.phrase == "unanswered"
    assert [choice.payload for choice in offer.choices] == ["/want-a-person"]
    assert trail.kind == "trail"
    assert trail.outcome is Outcome.UNANSWERED
