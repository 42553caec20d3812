"""Reads the guide's topic files and the training messages, and refuses what does not fit together.

A topic is declared in one place, guide_content/topics/<section>/<id>.yml. Everything here raises
TrainingDataError with every fault it found: Rasa itself would only warn and train something else.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Tuple

import yaml

MIN_EXAMPLES = 2
_ID = re.compile(r"[a-z][a-z0-9-]*")
_ITEM = re.compile(r"^\s*-\s+(.*\S)\s*$")


class TrainingDataError(Exception):
    """The training data contradict themselves; the message lists each fault on a line."""


@dataclass(frozen=True)
class Topic:
    """What training needs from a topic file.

    Draft and withdrawn topics are included: they are recognised, and the family is offered a person
    instead of an answer.
    """

    id: str
    title: str
    questions: Tuple[str, ...]


def read_topics(folder: Path) -> List[Topic]:
    """Return the topics declared under `folder`, in order of id."""
    faults: List[str] = []
    topics: Dict[str, Topic] = {}
    for path in sorted(folder.rglob("*.yml")):
        try:
            topic = _topic(path)
        except (TrainingDataError, yaml.YAMLError, UnicodeDecodeError) as exc:
            faults.append(f"{path}: {exc}")
            continue
        if topic.id in topics:
            faults.append(f"{path}: topic {topic.id} is declared twice")
        topics[topic.id] = topic
    if not topics:
        faults.append(f"{folder}: no topic is declared here")
    _refuse(faults)
    return [topics[name] for name in sorted(topics)]


def read_messages(folder: Path) -> Dict[str, List[str]]:
    """Return the training messages under `folder` by intent; a file is named after its intent."""
    faults: List[str] = []
    messages: Dict[str, List[str]] = {}
    for path in sorted(folder.rglob("*.yml")):
        try:
            found = _messages(path)
        except (TrainingDataError, yaml.YAMLError, UnicodeDecodeError) as exc:
            faults.append(f"{path}: {exc}")
            continue
        if list(found) != [path.stem]:
            faults.append(f"{path}: holds {', '.join(found) or 'no intent'}, not {path.stem}")
        for intent, texts in found.items():
            if intent in messages:
                faults.append(f"{path}: {intent} has a second file")
            messages.setdefault(intent, []).extend(texts)
    _refuse(faults)
    return messages


def check(topics: List[Topic], messages: Dict[str, List[str]], dialogue: List[str]) -> None:
    """Raise TrainingDataError unless topics and messages fit together.

    Every topic needs messages; every message file needs a topic or is one of the `dialogue`
    intents; no message may stand under two intents.
    """
    declared = {topic.id for topic in topics}
    missing = sorted(declared - set(messages))
    strays = sorted(set(messages) - declared - set(dialogue))
    both = sorted(declared & set(dialogue))
    faults = [f"{name}: a topic without data/nlu messages" for name in missing]
    faults += [f"{name}: data/nlu messages without a topic" for name in strays]
    faults += [f"{name}: both a topic and a move of the dialogue" for name in both]
    seen = defaultdict(set)
    for intent, texts in examples(topics, messages).items():
        if len(texts) < MIN_EXAMPLES:
            faults.append(f"{intent}: fewer than {MIN_EXAMPLES} training messages")
        for text in texts:
            seen[_plain(text)].add(intent)
    for text, intents in sorted(seen.items()):
        if len(intents) > 1:
            faults.append(f'"{text}" stands under {" and ".join(sorted(intents))}')
    _refuse(faults)


def examples(topics: List[Topic], messages: Dict[str, List[str]]) -> Dict[str, List[str]]:
    """Return every intent's training messages, with the topic's title and the staff's questions."""
    joined = {intent: list(texts) for intent, texts in messages.items()}
    for topic in topics:
        own = joined.setdefault(topic.id, [])
        known = {_plain(text) for text in own}
        for text in (topic.title, *topic.questions):
            if _plain(text) not in known:
                known.add(_plain(text))
                own.append(text)
    return joined


def _topic(path: Path) -> Topic:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise TrainingDataError("not a topic")
    name, title, questions = data.get("id"), data.get("title"), data.get("questions") or []
    if not isinstance(name, str) or not _ID.fullmatch(name) or name != path.stem:
        message = f"its id is {name!r}, not the name of the file"
        raise TrainingDataError(message)
    if not isinstance(title, str) or not title.strip():
        raise TrainingDataError("it has no title")
    if not isinstance(questions, list) or not all(_usable(text) for text in questions):
        raise TrainingDataError("a question is empty, not text, or begins with a slash")
    return Topic(name, title.strip(), tuple(text.strip() for text in questions))


def _messages(path: Path) -> Dict[str, List[str]]:
    data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or not isinstance(data.get("nlu"), list):
        raise TrainingDataError("not a Rasa NLU file")
    found: Dict[str, List[str]] = {}
    for block in data["nlu"]:
        lines = [line for line in str(block.get("examples", "")).splitlines() if line.strip()]
        texts = [match.group(1) for match in map(_ITEM.match, lines) if match]
        if len(texts) != len(lines) or not all(_usable(text) for text in texts):
            raise TrainingDataError("an example is empty, begins with a slash, or lacks its dash")
        found.setdefault(str(block.get("intent")), []).extend(texts)
    return found


def _usable(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip()) and not text.lstrip().startswith("/")


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", "", text.lower()).split())


def _refuse(faults: List[str]) -> None:
    if faults:
        raise TrainingDataError("\n".join(faults))
