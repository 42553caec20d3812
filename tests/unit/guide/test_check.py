"""The linter: limits are held on words as families meet them."""

from typing import Any

import pytest

from helpline.guide.check import check_guide, format_guide
from helpline.guide.check_training import DEFAULT_TRAINING
from helpline.guide.numbers import OTHER_WORDS
from tests.guide_folder import ANSWERS, REAL, GuideFolder, topic

FILE = "topics/what-to-expect/seeing-a-nurse.yml"
SAFE = {
    "web": ANSWERS["web"]
    + "\n**If nothing changes:** write to them.\n"
    + "\n**If this is an emergency:** ring {{ phone:emergency-999 }}.\n",
    "sms": ANSWERS["sms"] + "Danger? Ring {{ phone:emergency-999 }}.\n",
    "voice": "In danger, ring {{ phone:emergency-999 }}. You can say: talk to a person.\n",
}


def _checked(folder: GuideFolder, **changed: Any) -> list[str]:
    for other in ("one", "two"):
        rest = ["seeing-a-nurse", "one" if other == "two" else "two"]
        folder.write_topic(topic(other, next=rest, answers=SAFE))
    folder.write_topic(topic(**{"next": ["one", "two"], "answers": SAFE, **changed}))
    format_guide(folder.path)
    return check_guide(folder.path)


def test_a_guide_in_order_has_no_findings(folder: GuideFolder) -> None:
    """The rules can be met."""
    assert _checked(folder) == []


@pytest.mark.parametrize(
    ("field", "words", "finding"),
    [
        ("web", "Ask the nurse. " * 61, "183 words; at most 180"),
        ("sms", "Ask the nurse. " * 31, "464 septets; at most 459"),
        ("sms", "It\N{RIGHT SINGLE QUOTATION MARK}s fine.", "only GSM-7 goes in a text message"),
        ("sms", "**Ask** the nurse.", "Markdown; a text message is plain"),
        ("voice", "Ask the nurse. " * 38, "46 seconds; at most 45"),
        ("voice", "**Ask** the nurse.", "Markdown; what is spoken is plain"),
        ("web", "Ask " + "and ask " * 13 + "now.", "a sentence of 28 words"),
        ("web", "Medical confidentiality necessitates authorisation. " * 3, "reading grade"),
    ],
)
def test_a_wording_over_its_limit_is_found(
    folder: GuideFolder, field: str, words: str, finding: str
) -> None:
    """File, field, value and rule are named, with what to do about it."""
    found = _checked(folder, answers={**ANSWERS, field: words})

    assert any(line.startswith(f"{FILE}: answers.{field}: ") and finding in line for line in found)


def test_the_limit_holds_for_the_prison_with_the_longest_number(folder: GuideFolder) -> None:
    """Words that fit without a prison may not fit once its number and caution are filled in."""
    short = "a" * 400 + " Ring {{ prison:switchboard }}."

    found = _checked(folder, answers={**ANSWERS, "sms": short})

    assert any("answers.sms" in line and "septets" in line for line in found)


def test_variants_and_phrases_are_measured_too(folder: GuideFolder) -> None:
    """No words escape the limits because of where they stand."""
    long = "Ask the nurse. " * 40
    folder.write("phrases.yml", {"greeting": {"web": "Hello.", "sms": "Hello.", "voice": long}})

    found = _checked(folder, variants=[{"applies_to": ["wales"], "sms": long}])

    assert any(line.startswith("phrases.yml: greeting.voice: ") for line in found)
    assert any(line.startswith(f"{FILE}: variants.0.sms: ") for line in found)


@pytest.mark.parametrize(
    ("changed", "finding"),
    [({"next": ["one"]}, "next: 1 topics; two or three"), ({"sources": []}, "sources: none")],
)
def test_an_answer_is_complete(folder: GuideFolder, changed: dict[str, Any], finding: str) -> None:
    """Every answer leads on, and says where it comes from."""
    assert any(finding in line for line in _checked(folder, **changed))


def test_a_file_in_another_form_is_found_and_can_be_put_right(folder: GuideFolder) -> None:
    """Formatting writes the form that export writes, and only touches files that need it."""
    for other in ("one", "two", "three"):
        rest = [name for name in ("one", "two", "three") if name != other]
        folder.write_topic(topic(other, next=rest, answers=SAFE))

    assert len(check_guide(folder.path)) == 3
    assert len(format_guide(folder.path)) == 3
    assert check_guide(folder.path) == []
    assert format_guide(folder.path) == []


def test_what_cannot_be_loaded_is_reported_alone(folder: GuideFolder) -> None:
    """Words are measured only once they can be read."""
    folder.write_topic(topic(title=7, answers={**ANSWERS, "web": "Ask the nurse. " * 90}))

    assert check_guide(folder.path) == [f"{FILE}: title: 7 should be text"]


@pytest.mark.parametrize("name", OTHER_WORDS)
def test_words_kept_beside_the_guide_use_its_tokens_too(folder: GuideFolder, name: str) -> None:
    """A page or a safety reply cannot hold a loose number, or a token that would fail at night."""
    folder.write(name, {"words": {"danger": "Ring 999."}, "steps": ["Ring {{ phone:nobody }}."]})

    token, number = (line for line in _checked(folder) if line.startswith(name))
    assert token == f"{name}: steps.0: phone:nobody names no file in contacts/services"
    assert number.startswith(f"{name}: words.danger: the number '999' stands in the words")


def test_the_real_guide_has_no_findings() -> None:
    """Every wording keeps to its limits on every channel, every topic to the training recipe."""
    assert check_guide(REAL, DEFAULT_TRAINING) == []
