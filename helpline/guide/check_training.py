"""Rules on the training messages beside the guide: enough for every topic, and none in two topics.

A message that stands in two topics teaches the assistant to confuse them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from rapidfuzz import fuzz, process

from helpline.guide.check_recipe import recipe_findings
from helpline.guide.check_report import Finding
from helpline.guide.content import Guide

DEFAULT_TRAINING: Final = Path(__file__).resolve().parents[2] / "data" / "nlu"
FOLDERS: Final = ("guide", "conversation")
RECIPE: Final[Mapping[str, int]] = {"guide": 100, "conversation": 40}
"""How many messages a topic of each kind is trained on at least."""

NEARLY_THE_SAME: Final = 90.0
"""Likeness in percent, the order of words aside, from which two messages count as one."""

_COMPARED_FROM_WORDS: Final = 6  # shorter ones are alike by chance; equal ones are found anyhow
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class _Message:
    topic: str
    text: str
    file: str

    @property
    def key(self) -> str:
        lower = self.text.lower().replace("'", "").replace("\u2019", "")
        return " ".join(sorted(_NOT_WORD.sub(" ", lower).split()))


def training_findings(guide: Guide, folder: Path = DEFAULT_TRAINING) -> Iterator[Finding]:
    """Give the faults of the training messages under `folder`, held against the guide's topics."""
    messages: list[_Message] = []
    for path in sorted(path for part in FOLDERS for path in (folder / part).glob("*.yml")):
        file = _named(folder, path)
        try:
            messages += _read(path, file)
        except (yaml.YAMLError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
            value = str(error).splitlines()[0] if str(error) else type(error).__name__
            rule, fix = "a file of training messages can be read", "Write it as the others are"
            yield Finding(file, "the file", value, rule, fix)
    yield from _recipe(guide, messages, folder)
    yield from recipe_findings(*_by_topic(guide, messages), places=_places(guide))
    yield from _alike(messages)


def training_counts(folder: Path = DEFAULT_TRAINING) -> dict[str, int]:
    """Return how many training messages each topic has. Raises what a broken file raises."""
    counts: dict[str, int] = {}
    for path in sorted(path for part in FOLDERS for path in (folder / part).glob("*.yml")):
        for message in _read(path, path.name):
            counts[message.topic] = counts.get(message.topic, 0) + 1
    return counts


def _by_topic(
    guide: Guide, messages: Sequence[_Message]
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return every topic's messages, and the files of those the whole recipe is for."""
    texts: dict[str, list[str]] = {}
    files: dict[str, str] = {}
    for message in messages:
        texts.setdefault(message.topic, []).append(message.text)
        topic = guide.topics.get(message.topic)
        if topic is not None and topic.kind == "guide":
            files[message.topic] = message.file
    return texts, files


def _places(guide: Guide) -> frozenset[str]:
    prisons = guide.contacts.prisons.values()
    names = " ".join(prison.short_name.lower() for prison in prisons)
    return frozenset(names.split()) | {"england", "wales", "welsh"}


def _read(path: Path, file: str) -> list[_Message]:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [
        _Message(entry["intent"], line.removeprefix("- ").strip(), file)
        for entry in document["nlu"]
        for line in entry["examples"].splitlines()
        if line.strip()
    ]


def _named(folder: Path, path: Path) -> str:
    """Return a file's path as an editor knows it: data/nlu/guide/helplines.yml."""
    return path.relative_to(folder.parent.parent).as_posix()


def _recipe(guide: Guide, messages: Sequence[_Message], folder: Path) -> Iterator[Finding]:
    counts: dict[str, int] = {}
    for message in messages:
        counts[message.topic] = counts.get(message.topic, 0) + 1
        if counts[message.topic] == 1 and message.topic not in guide.topics:
            value, rule = f"there is no topic {message.topic!r}", "a message trains a topic"
            yield Finding(message.file, "intent", value, rule, "Name a topic of the guide")
    for topic in guide.topics.values():
        count, needed = counts.get(topic.id, 0), RECIPE[topic.kind]
        if count < needed:
            file = _named(folder, folder / topic.kind / f"{topic.id}.yml")
            value, rule = f"{count} messages", f"at least {needed}"
            yield Finding(file, "examples", value, rule, "Write more, to the recipe")


def _alike(messages: Sequence[_Message]) -> Iterator[Finding]:
    """Give messages that stand twice, and those nearly the same under two topics."""
    rows = sorted(((message.key, message) for message in messages), key=lambda row: len(row[0]))
    keys = [key for key, _ in rows]
    lengths = [len(key) for key in keys]
    # Two texts can only be this much alike if the longer is at most this much longer.
    longest = 200 / NEARLY_THE_SAME - 1
    for at, (key, message) in enumerate(rows):
        end = bisect_right(lengths, len(key) * longest)
        close = process.extract(
            key, keys[at + 1 : end], scorer=fuzz.ratio, score_cutoff=NEARLY_THE_SAME, limit=None
        )
        for other_key, score, offset in close:
            other = rows[at + 1 + offset][1]
            if _counts_as_one(key, other_key, message, other):
                yield _twice(message, other, score)


def _counts_as_one(key: str, other_key: str, message: _Message, other: _Message) -> bool:
    if key == other_key:
        return message.topic != other.topic or message.text.lower() == other.text.lower()
    return message.topic != other.topic and len(key.split()) >= _COMPARED_FROM_WORDS


def _twice(message: _Message, other: _Message, score: float) -> Finding:
    value = f"{message.text!r} is {score:.0f} % like {other.text!r} of {other.topic!r}"
    rule = "a message stands once, under one topic"
    return Finding(message.file, "examples", value, rule, "Keep it where it belongs")
