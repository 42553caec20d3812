"""Loading the guide: all of it, or every reason why not."""

from typing import Any

import pytest

from helpline.errors import GuideError
from helpline.guide.content import Guide
from helpline.guide.loader import load_guide, load_words
from tests.guide_folder import ANSWERS, GuideFolder, topic

FILE = "topics/what-to-expect/seeing-a-nurse.yml"


def _problems(folder: GuideFolder) -> list[str]:
    with pytest.raises(GuideError) as refused:
        load_guide(folder.path)
    return refused.value.problems


def test_a_guide_in_order_is_loaded_with_its_types(folder: GuideFolder) -> None:
    """Files become frozen objects: dates are dates, and words are as they were written."""
    folder.write_topic(topic(next=["other"]))
    folder.write_topic(topic("other", approval={"by": "A. Clinician", "on": "2026-11-22"}))

    guide = load_guide(folder.path)

    nurse, other = guide.topics["seeing-a-nurse"], guide.topics["other"]
    assert nurse.review_by.isoformat() == "2027-05-21"
    assert nurse.answers.sms == ANSWERS["sms"]
    assert other.approval is not None
    assert other.approval.on.isoformat() == "2026-11-22"
    assert guide.phrases["on_the_way"].fields == ("worker", "time")
    assert guide.contacts.prisons["wandsworth"].nation == "england"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"colour": "red"}, "the file: 'colour': no such field here"),
        ({"title": 7}, "title: 7 should be text"),
        ({"title": " spaces "}, "title: ' spaces ' should be one line of text"),
        ({"status": "live"}, "status: 'live' is not one of draft, published, withdrawn"),
        ({"review_by": "soon"}, "review_by: 'soon' should be a date such as 2026-11-21"),
        ({"review_by": "2027-02-30"}, "review_by: '2027-02-30' is not a day of the calendar"),
        ({"review_by": "2026-01-01"}, "review_by: is before reviewed_on"),
        ({"questions": ["one"]}, "questions: needs at least 2"),
        ({"questions": ["one", "one"]}, "questions: an entry stands twice"),
        ({"answers": {"web": "x", "sms": "x"}}, "answers: the field 'voice' is missing"),
        ({"approval": {"by": "A"}}, "approval: the field 'on' is missing"),
        ({"section": "Elsewhere"}, "section: 'Elsewhere' is not one of"),
        ({"next": ["nowhere"]}, "next: there is no topic 'nowhere'"),
        ({"next": ["seeing-a-nurse"]}, "next: a topic cannot lead to itself"),
        ({"sources": [{"title": "T", "url": "x", "seen": "2026-11-21"}]}, "sources.0.url: 'x'"),
        ({"variants": [{"applies_to": ["mars"], "web": "x"}]}, "'mars' is not one of england"),
    ],
)
def test_a_wrong_field_is_named_with_the_reason(
    folder: GuideFolder, changed: dict[str, Any], problem: str
) -> None:
    """An editor reads file, field and reason, in words and not in those of a library."""
    folder.write_topic(topic(**changed))

    [found] = _problems(folder)

    assert found.startswith(f"{FILE}: ")
    assert problem in found


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("Ring {{ phone:nobody }}.", "phone:nobody names no file in contacts/services"),
        ("Ring {{ prison:cook }}.", "prison:cook is not known"),
        ("Ring {{ moon:samaritans }}.", "moon:samaritans is not a kind of token"),
        ("Ring {{ phone:samaritans }.", "double braces that are not a token"),
        ("See {{ email:samaritans }}.", "that service has none"),
        ("Ring 020 7946 0000 now.", "the number '020 7946 0000' stands in the words"),
        ("Ring +44 20 7946 0000.", "the number '+44 20 7946 0000' stands in the words"),
        ("In danger, ring 999.", "the number '999' stands in the words"),
        ("Samaritans are on 116 123.", "the number '116 123' stands in the words"),
        ("Text SHOUT to 85258.", "the number '85258' stands in the words"),
        ("See https://example.org.", "a web address stands in the words"),
        ("See www.example.org.", "a web address stands in the words"),
        ("See example.gov.uk.", "a web address stands in the words"),
        ("Write to a.b@example.org.", "the address 'a.b@example.org' stands in the words"),
    ],
)
def test_no_wording_holds_a_number_or_an_address_of_its_own(
    folder: GuideFolder, words: str, problem: str
) -> None:
    """Every number and address comes from the vetted list, through a token that exists."""
    folder.write_topic(topic(answers={**ANSWERS, "web": words}))

    found = _problems(folder)

    assert any(line.startswith(f"{FILE}: answers.web: ") and problem in line for line in found)


@pytest.mark.parametrize(
    "words",
    [
        "Wait 28 days, or 3 months. It is rule 75/2011, of 2026-11-21.",
        "It costs 1,500 pounds at 9:15 am. Look on GOV.UK. He has 2 tablets, not 10.",
    ],
)
def test_ordinary_numbers_may_stand_in_the_words(folder: GuideFolder, words: str) -> None:
    """Days, prices, times and years are not taken for phone numbers."""
    folder.write_topic(topic(answers={**ANSWERS, "web": words}))

    assert "seeing-a-nurse" in load_guide(folder.path).topics


def test_what_is_spoken_holds_no_address(folder: GuideFolder) -> None:
    """A link token is refused in the voice wording, where nobody can follow it."""
    voice = "Look at {{ link:samaritans }}."
    folder.write_topic(topic(answers={**ANSWERS, "voice": voice}))

    assert _problems(folder) == [
        f"{FILE}: answers.voice: an address cannot be followed by ear; leave the link token out"
    ]


def test_id_section_and_place_must_agree(folder: GuideFolder) -> None:
    """A topic is found where its id and section say, and nowhere else."""
    folder.write("topics/your-rights/wrong-name.yml", topic())

    file = "topics/your-rights/wrong-name.yml"
    assert _problems(folder) == [
        f"{file}: id: 'seeing-a-nurse' should be the file's name, 'wrong-name'",
        f"{file}: section: files of this section are in topics/what-to-expect",
    ]


def test_all_problems_come_at_once(folder: GuideFolder) -> None:
    """An editor mends everything in one go: faults of every file are listed together."""
    folder.write_topic(topic("one", title=7))
    folder.write_topic(topic("two", next=["nowhere"]))
    folder.write("topics/what-to-expect/three.yml", "a: [\n")
    folder.write("topics/what-to-expect/notes.txt", "hello")
    folder.change("contacts/services/samaritans.yml", group="friends")

    assert {line.split(": ")[0] for line in _problems(folder)} == {
        "topics/what-to-expect/one.yml",
        "topics/what-to-expect/two.yml",
        "topics/what-to-expect/three.yml",
        "topics/what-to-expect/notes.txt",
        "contacts/services/samaritans.yml",
    }


@pytest.mark.parametrize(
    ("phrase", "problem"),
    [
        ({"web": "Hi {name}."}, "greeting.web: {name} is not listed under fields"),
        ({"fields": ["name"]}, "greeting.fields: 'name' is listed and never used"),
        ({"web": "Ring 999."}, "the number '999' stands in the words"),
        ({"web": "Ring {{ phone:nobody }}."}, "phone:nobody names no file"),
        ({"colour": "red"}, "greeting: 'colour': no such field here"),
    ],
)
def test_phrases_are_checked_like_answers(
    folder: GuideFolder, phrase: dict[str, Any], problem: str
) -> None:
    """A fixed phrase can neither hold a loose number nor a field that nobody fills."""
    plain = {"web": "Hello.", "sms": "Hello.", "voice": "Hello."}
    folder.write("phrases.yml", {"greeting": {**plain, **phrase}})

    assert any(problem in line for line in _problems(folder))


@pytest.mark.parametrize(
    ("file", "changed", "problem"),
    [
        (
            "contacts/services/samaritans.yml",
            {"phone": None},
            "contacts/services/samaritans.yml: phone: must have a number without a conflict",
        ),
        (
            "contacts/services/rethink.yml",
            {"phone": {"number": "0808 801 0525", "tel": "+448088010520", "status": "conflict",
                       "verified_by_phone": None}},
            "phone.tel: '+448088010520' is not the number beside it (+448088010525)",
        ),
        (
            "contacts/services/rethink.yml",
            {"phone": {"number": None, "status": "single-source", "verified_by_phone": None}},
            "phone.status: 'single-source' is not one of not-found, conflict",
        ),
        (
            "contacts/prisons/wandsworth.yml",
            {"confusable_with": ["atlantis"]},
            "confusable_with: there is no prison 'atlantis'",
        ),
        (
            "contacts/names.yml",
            {"ambiguous_names": {"the island": ["atlantis"]}},
            "ambiguous_names.the island: there is no prison 'atlantis'",
        ),
        (
            "contacts/prisons/wandsworth.yml",
            {"key": "brixton"},
            "key: 'brixton' should be the file's name, 'wandsworth'",
        ),
    ],
)  # fmt: skip
def test_contacts_must_hold_together(
    folder: GuideFolder, file: str, changed: dict[str, Any], problem: str
) -> None:
    """A number that contradicts itself, or a prison nobody knows, is found before it is used."""
    folder.change(file, **changed)

    assert any(line.startswith(file) and problem in line for line in _problems(folder))


def test_a_number_in_conflict_cannot_be_marked_as_rung(folder: GuideFolder) -> None:
    """Whoever rings a number settles the conflict first; one flag alone does not publish it."""
    rung = {"on": "2026-11-22", "by": "AB"}
    phone = {"number": "0300 102 1234", "tel": "+443001021234", "status": "conflict"}
    folder.change("contacts/services/mind.yml", phone={**phone, "verified_by_phone": rung})

    assert _problems(folder)[0].startswith("contacts/services/mind.yml: phone.verified_by_phone: ")


def test_without_what_every_answer_needs_nothing_is_loaded(folder: GuideFolder) -> None:
    """The emergency number cannot be lost by deleting a file."""
    (folder.path / "contacts/services/emergency-999.yml").unlink()

    assert any(
        line.startswith("contacts/services/emergency-999.yml: the file: is missing")
        for line in _problems(folder)
    )


def test_words_can_be_loaded_without_the_topics(folder: GuideFolder) -> None:
    """Phrases and contacts are there for the safety path even when a topic is broken."""
    folder.write("topics/what-to-expect/broken.yml", "a: [\n")

    contacts, phrases = load_words(folder.path)

    assert "samaritans" in contacts.services
    assert phrases["greeting"].sms == "Hello."


def test_the_real_guide_loads(real_guide: Guide) -> None:
    """Every file in guide_content is in order, and every prison of the list is there."""
    assert {"who-to-contact-urgent", "greeting"} <= set(real_guide.topics)
    assert len(real_guide.contacts.prisons) == 125
    assert len(real_guide.contacts.services) >= 64
