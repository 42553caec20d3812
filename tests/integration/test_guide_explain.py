"""Explaining prison words from the glossary, as an answer of the jargon-buster topic."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from helpline.db import session_factory
from helpline.enums import Channel
from helpline.guide.answers import JARGON, PublishedGuide
from helpline.guide.loader import load_guide
from helpline.guide.repository import import_guide, withdraw
from tests.guide_folder import GuideFolder, topic

WORDS = {
    "glossary_term": {
        "fields": ["term", "meaning"],
        "web": "**{term}:** {meaning}",
        "sms": "{term}: {meaning}",
        "voice": "{term}. {meaning}",
    },
    "glossary_unknown": {"web": "Not known.", "sms": "Not known.", "voice": "Not known."},
    "glossary_answer": {
        "fields": ["meanings"],
        "web": "{meanings}\n\nAnother?",
        "sms": "{meanings}\nAnother?",
        "voice": "{meanings} Another?",
    },
}


def _term(term_id: str, see: str | None = None, **changed: Any) -> dict[str, Any]:
    source = {"title": "A page", "url": "https://example.org/a", "seen": "2026-11-21"}
    return {
        "id": term_id,
        "term": f"{term_id.upper()} (in full {term_id})",
        "aliases": [],
        "meaning": f"This is {term_id}.",
        "see": see,
        "certain": True,
        "sources": [source],
        **changed,
    }


@pytest.fixture
def folder(tmp_path: Path) -> GuideFolder:
    """A glossary of four words, its topic, and one topic that says more."""
    folder = GuideFolder(tmp_path / "guide")
    folder.write("phrases.yml", WORDS)
    folder.write(
        "glossary.yml",
        {
            "owner": "Pact health information lead",
            "reviewed_on": "2026-11-20",
            "review_by": "2027-05-21",
            "approval": None,
            "everyday": [],
            "terms": [
                _term("imb", "seeing-a-nurse"), _term("ppo", "nowhere"), _term("omu"), _term("pom"),
            ],
        },
    )  # fmt: skip
    folder.write_topic(topic("seeing-a-nurse"))
    folder.write_topic(topic("want-a-person", section="Conversation"), folder="conversation")
    folder.write_topic(topic(JARGON, review_by="2027-06-30"))
    return folder


@pytest.fixture
def guide(session: Session, folder: GuideFolder) -> PublishedGuide:
    """The published guide in practice mode."""
    import_guide(session, load_guide(folder.path), "files")
    return _guide(folder, date(2026, 12, 1))


def _guide(folder: GuideFolder, today: date) -> PublishedGuide:
    return PublishedGuide(
        session_factory(), folder.path, allow_unverified=True, today=lambda: today
    )


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        (Channel.WEB, "**IMB (in full imb):** This is imb.\n\nAnother?"),
        (Channel.SMS, "IMB (in full imb): This is imb.\nAnother?"),
        (Channel.VOICE, "IMB, in full imb. This is imb. Another?"),
    ],
)
def test_a_word_is_explained_with_its_source(
    guide: PublishedGuide, channel: Channel, text: str
) -> None:
    """The meaning comes with its page, its date, and that Pact has yet to approve it."""
    answer = guide.explain("what does imb mean", channel)

    assert answer is not None
    assert (answer.topic, answer.text) == (JARGON, text)
    assert answer.revision_id is None
    assert [source.url for source in answer.sources] == ["https://example.org/a"]
    assert answer.last_checked == date(2026, 11, 20)
    assert not answer.approved
    assert [choice.payload for choice in answer.next] == ["/seeing-a-nurse"]


def test_only_as_many_words_as_the_channel_carries(guide: PublishedGuide) -> None:
    """Three on a page, two in a text message; a topic nobody published is not offered."""
    web = guide.explain("what are imb, ppo, omu and pom", Channel.WEB)
    sms = guide.explain("what are imb, ppo, omu and pom", Channel.SMS)

    assert web is not None
    assert web.text.count("This is") == 3
    assert sms is not None
    assert sms.text == "IMB (in full imb): This is imb.\nPPO (in full ppo): This is ppo.\nAnother?"
    assert [choice.payload for choice in web.next] == ["/seeing-a-nurse"]


@pytest.mark.parametrize("text", ["what does twoc mean", "he has TWOC on his door", "wots a twoc"])
def test_a_word_that_is_not_known_is_not_guessed(guide: PublishedGuide, text: str) -> None:
    """Honest words, and a person to pick, rather than the meaning of something like it."""
    answer = guide.explain(text, Channel.WEB)

    assert answer is not None
    assert (answer.topic, answer.text, answer.sources) == (JARGON, "Not known.", ())
    assert [choice.payload for choice in answer.next] == ["/want-a-person"]


@pytest.mark.parametrize(
    "text", ["what do all these words mean", "is there a list of prison words", "the NHS words"]
)
def test_a_question_about_words_in_general_is_left_to_the_topic(
    guide: PublishedGuide, text: str
) -> None:
    """No one word, no answer here: the caller says the topic's own words."""
    assert guide.explain(text, Channel.WEB) is None


def test_a_withdrawn_topic_takes_its_glossary_along(
    session: Session, guide: PublishedGuide
) -> None:
    """Staff who silence the topic silence the words behind it."""
    withdraw(session, JARGON, "worker:1")
    session.commit()

    assert guide.explain("what does imb mean", Channel.WEB) is None


def test_a_glossary_nobody_reviewed_is_held_back(
    guide: PublishedGuide, folder: GuideFolder
) -> None:
    """Thirty days after its review was due it says nothing any more."""
    assert _guide(folder, date(2027, 6, 20)).explain("what does imb mean", Channel.WEB)
    assert _guide(folder, date(2027, 6, 21)).explain("what does imb mean", Channel.WEB) is None
