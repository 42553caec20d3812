"""Rules on what the words say: what must be avoided, the way out in danger, unexplained letters."""

from typing import Any

import pytest

from helpline.guide.check import check_guide, format_guide
from helpline.guide.check_words import avoided
from tests.guide_folder import ANSWERS, GuideFolder, topic

FILE = "topics/what-to-expect/seeing-a-nurse.yml"
STEPS = "\n\n1. Ask.\n\n**If nothing changes:** write."
DANGER = f"{STEPS}\n\n**If this is an emergency:** ring {{{{ phone:emergency-999 }}}}."


def _web(folder: GuideFolder, web: str, **changed: Any) -> list[str]:
    folder.write_topic(topic(answers={**ANSWERS, "web": web}, **changed))
    format_guide(folder.path)
    start = f"{FILE}: answers.web: "
    return [f.removeprefix(start) for f in check_guide(folder.path) if f.startswith(start)]


@pytest.mark.parametrize(
    "words",
    [
        "I promise we will help.",
        "This is guaranteed.",
        "They will be safe in there.",
        "He is fine.",
        "This chat is completely confidential.",
        "Nobody will find out.",
        "The prison will ring you back.",
        "Staff will tell you how he is.",
        "A nurse comes soon.",
        "Don't worry.",
        "Please do not panic.",
        "Calm down and ring.",
        "You should have rung before.",
        "It is your fault.",
        "Anything else?",
        "Ask for 10 mg a day.",
        "He tied a noose.",
        "We are here \N{SLIGHTLY SMILING FACE}",
    ],
)
def test_what_must_be_avoided_is_found(words: str) -> None:
    """The list of the safety notes: promises, waved-away feelings, blame, doses, methods."""
    assert len(list(avoided(words))) == 1


@pytest.mark.parametrize(
    "words",
    [
        "It is not your fault.",
        "Tell me if they are safe.",
        "The prison should ring you back. Staff may tell you.",
        "Ring as soon as you can.",
        "They may not be able to promise. Note names, dates and promises.",
        "What is worrying you? Ring within 28 days.",
        "Say what should have happened.",
        "It is safe to ring them.",
    ],
)
def test_what_may_be_said_is_left_alone(words: str) -> None:
    """Comfort, advice and doubt are not mistaken for promises."""
    assert list(avoided(words)) == []


def test_a_finding_names_file_field_value_rule_and_fix(folder: GuideFolder) -> None:
    """An editor reads what to do without knowing the linter."""
    found = _web(folder, "Ask the nurse. The prison will act." + DANGER)

    [line] = found
    assert line.startswith("'The prison will act'; must be avoided: what the prison will do is not")
    assert line.endswith("Say 'should' or 'may', or tell the family what to ask")


def test_every_answer_gives_the_way_out_in_danger(folder: GuideFolder) -> None:
    """A number for every channel, and on the page a line in bold; small talk needs neither."""
    bare = _web(folder, f"Ask the nurse.{STEPS}")
    assert any("no emergency number" in line for line in bare)
    number = _web(folder, f"Ring {{{{ phone:emergency-999 }}}}.{STEPS}")
    assert any("no emergency line" in line for line in number)
    assert not any("no emergency number" in line for line in number)
    assert _web(folder, "Ask the nurse." + DANGER) == []

    folder.write_topic(topic("hello", section="Conversation", sources=[]), folder="conversation")
    assert not [f for f in check_guide(folder.path) if "conversation/hello" in f and "emerg" in f]


@pytest.mark.parametrize(
    ("words", "alone"),
    [
        ("Ask the OMU.", True),
        ("Ask the OMU, the unit for their sentence.", False),
        ("Ask the unit for their sentence (OMU).", False),
        ("They fill in form COMP1.", False),
        ("Ask about RECONNECT. It links people with care.", False),
        ("Ask the NHS and their GP.", False),
    ],
)
def test_letters_are_explained_where_they_are_first_used(
    folder: GuideFolder, words: str, *, alone: bool
) -> None:
    """A group of letters that nobody outside knows never stands alone."""
    assert any("stands alone" in line for line in _web(folder, words + DANGER)) is alone


def test_the_staff_in_charge_are_named_as_such(folder: GuideFolder) -> None:
    """A family is told who a duty governor is before they ask for one."""
    bare = _web(folder, "Ask for the duty governor." + DANGER)
    told = _web(folder, "Ask for the duty governor, who is in charge." + DANGER)

    assert [line for line in bare if "duty governor" in line]
    assert told == []


def test_a_link_to_what_nobody_published_is_dead(folder: GuideFolder) -> None:
    """A family is never offered a question that gets no answer."""
    folder.write_topic(topic("draft", status="draft"))
    folder.write_topic(topic(next=["draft"]))

    assert any(f"{FILE}: next: 'draft' is draft;" in line for line in check_guide(folder.path))


def test_a_source_is_read_before_the_review(folder: GuideFolder) -> None:
    """Nobody reviewed an answer against a page that was read later."""
    source = {"title": "A page", "url": "https://example.org/a", "seen": "2026-11-22"}
    folder.write_topic(topic(sources=[source]))

    assert any(f"{FILE}: sources.0.seen: 2026-11-22;" in line for line in check_guide(folder.path))


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"see": "nowhere"}, "terms.imb.see: 'nowhere' is not published"),
        ({"sources": []}, "terms.imb.sources: none"),
        ({"certain": False}, "says 'usually' or 'may'"),
        ({"meaning": "They will be safe."}, "terms.imb.meaning: 'They will be safe'"),
    ],
)
def test_glossary_terms_are_sourced_or_doubtful_and_lead_somewhere(
    folder: GuideFolder, changed: dict[str, Any], finding: str
) -> None:
    """What nobody has confirmed is never said as certain."""
    term = {
        "id": "imb",
        "term": "IMB",
        "aliases": [],
        "meaning": "These people check on the prison.",
        "see": None,
        "certain": True,
        "sources": [{"title": "A page", "url": "https://example.org/a", "seen": "2026-11-21"}],
    }
    head = {"owner": "A", "reviewed_on": "2026-11-21", "review_by": "2027-05-21", "approval": None}
    folder.write("glossary.yml", {**head, "everyday": [], "terms": [term]})
    assert check_guide(folder.path) == []

    folder.write("glossary.yml", {**head, "everyday": [], "terms": [{**term, **changed}]})
    assert any(finding in line for line in check_guide(folder.path))


def test_the_glossary_topic_needs_a_glossary(folder: GuideFolder) -> None:
    """Words about words, without the words, would be an empty promise."""
    folder.write_topic(topic("jargon-buster"))

    assert any(line.startswith("glossary.yml: terms: 0 terms") for line in check_guide(folder.path))
