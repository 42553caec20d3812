"""Rules on training messages: enough for each topic, and none under two topics."""

from pathlib import Path

import pytest

from helpline.guide.check_training import training_counts, training_findings
from helpline.guide.content import Guide
from helpline.guide.loader import load_guide
from tests.guide_folder import GuideFolder, topic


@pytest.fixture
def guide(folder: GuideFolder) -> Guide:
    """Two topics of the guide and one of conversation."""
    folder.write_topic(topic("nurse"))
    folder.write_topic(topic("dentist"))
    folder.write_topic(topic("hello", section="Conversation"), folder="conversation")
    return load_guide(folder.path)


@pytest.fixture
def training(tmp_path: Path) -> Path:
    """An empty folder of training messages."""
    return tmp_path / "data" / "nlu"


def _write(folder: Path, topic_id: str, messages: list[str], kind: str = "guide") -> None:
    lines = "".join(f"    - {message}\n" for message in messages)
    path = folder / kind / f"{topic_id}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'version: "3.1"\nnlu:\n- intent: {topic_id}\n  examples: |\n{lines}', encoding="utf-8"
    )


def _many(topic_id: str, count: int) -> list[str]:
    """Return messages to the recipe that have nothing in common; every tenth is long."""
    lengths = [40 if n % 10 == 0 else 4 for n in range(count)]
    return [
        " ".join(f"{topic_id}{chr(97 + n % 26)}{n}x{word}" for word in range(length))
        for n, length in enumerate(lengths)
    ]


def _found(guide: Guide, folder: Path) -> list[str]:
    return [str(finding) for finding in training_findings(guide, folder)]


def _full(folder: Path) -> None:
    _write(folder, "nurse", _many("nurse", 100))
    _write(folder, "dentist", _many("dentist", 100))
    _write(folder, "hello", _many("hello", 40), kind="conversation")


def test_the_recipe_can_be_met(guide: Guide, training: Path) -> None:
    """A hundred a topic and forty for small talk are enough."""
    _full(training)

    assert _found(guide, training) == []
    assert training_counts(training) == {"nurse": 100, "dentist": 100, "hello": 40}


def test_a_topic_short_of_the_recipe_is_named(guide: Guide, training: Path) -> None:
    """One message too few is too few, and no file at all is none."""
    _full(training)
    _write(training, "nurse", _many("nurse", 99))
    (training / "conversation/hello.yml").unlink()

    hello, nurse = sorted(_found(guide, training))
    assert nurse.startswith("data/nlu/guide/nurse.yml: examples: 99 messages; at least 100")
    assert hello.startswith("data/nlu/conversation/hello.yml: examples: 0 messages; at least 40")


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("he saw a nurse", "He saw a nurse!", True),
        (
            "when will he see somebody about his foot",
            "when will he see somebody about his feet",
            True,
        ),
        (
            "about his foot when will he see somebody",
            "when will he see somebody about his foot",
            True,
        ),
        ("he needs a nurse now", "he needs a nurse how", False),
        ("when will he see somebody about his foot", "who can look at her teeth this week", False),
    ],
)
def test_one_message_cannot_train_two_topics(
    guide: Guide, training: Path, one: str, other: str, *, found: bool
) -> None:
    """Equal or nearly so, words in any order; short lines only when they are equal."""
    _full(training)
    _write(training, "nurse", [*_many("nurse", 100), one])
    _write(training, "dentist", [*_many("dentist", 100), other])

    lines = _found(guide, training)

    assert bool(lines) is found
    assert all("stands once, under one topic" in line for line in lines)


def test_a_message_that_stands_twice_counts_once(guide: Guide, training: Path) -> None:
    """A copy under the same topic adds nothing."""
    _full(training)
    _write(training, "nurse", [*_many("nurse", 100), "he saw a nurse", "He saw a nurse"])

    assert len(_found(guide, training)) == 1


def test_messages_of_no_topic_and_broken_files_are_named(guide: Guide, training: Path) -> None:
    """A misspelt intent or a broken file does not go unnoticed."""
    _full(training)
    _write(training, "doctor", ["he saw a doctor"])
    (training / "guide/broken.yml").write_text("nlu: [\n", encoding="utf-8")

    lines = _found(guide, training)

    assert any("guide/doctor.yml: intent: there is no topic 'doctor'" in line for line in lines)
    assert any("guide/broken.yml: the file: " in line for line in lines)
