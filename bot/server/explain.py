"""Takes one decision of the topic model apart. Run by app/explain.py on Python 3.10, without Rasa.

    python -m bot.server.explain --model var/models/<name>.tar.gz --text "he has no tablets"

Prints JSON: what was read, how it was cut, the thresholds, the verdict, each likely topic with the
votes of every feature, the words that counted, and the training messages that pulled it there.
The model is linear in all of these, so the votes of a topic add up to its score exactly.
"""

import argparse
import json
import sys
import tarfile
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np
import yaml

from bot.server import minilm
from bot.server.clauses import split
from bot.server.corrections import meant
from bot.server.model import TopicModel, ranked
from bot.server.sayings import loose
from bot.server.spelling import tidy
from bot.server.topics import examples, read_messages, read_topics
from bot.server.verdict import NOTHING_KNOWN, Thresholds, decide

LIKELY = 5  # topics that are explained
PULLING = 5  # training messages and words shown for each
CLASSIFIER = "TopicClassifier"


def explain(text: str, model: TopicModel, settings: Dict[str, Any], root: Path) -> Dict[str, Any]:
    """Return why `text` is understood as it is, by a trained model and its step of config.yml."""
    whole, corrects = meant(tidy(text))
    cuts = split(whole)
    texts = [whole, *(half for cut in cuts for half in cut)]
    rows = minilm.shared().encode(texts)
    chances = model.probabilities(texts, rows)
    ranking, *halves = (ranked(model.topics, row) for row in chances)
    thresholds = Thresholds(**{k: settings[k] for k in Thresholds.__dataclass_fields__})
    pairs = list(zip(halves[::2], halves[1::2], strict=True))
    reading = decide(ranking, pairs, thresholds) if model.knows(whole) else NOTHING_KNOWN
    trained = _training_messages(settings, root)
    known = len(trained) == model.trained_on
    return {
        "tidied": whole,
        "tokens": minilm.shared().tokens(whole),
        "corrects": corrects,
        "move": _move(text, settings, root),
        "halves": [
            {
                "before": before,
                "after": after,
                "topics": [one[0][0], other[0][0]],
                "chances": [one[0][1], other[0][1]],
            }
            for (before, after), (one, other) in zip(cuts, pairs, strict=True)
        ],
        "thresholds": asdict(thresholds),
        "temperature": model.temperature,
        "reading": asdict(reading),
        "messages_known": known,
        "topics": [
            _topic(model, name, chance, whole, rows[:1], trained if known else [])
            for name, chance in ranking[:LIKELY]
        ],
        "nearest": _nearest(model, rows[:1], trained) if known else [],
    }


def _topic(
    model: TopicModel,
    name: str,
    chance: float,
    text: str,
    vector: np.ndarray,
    trained: List[Tuple[str, str]],
) -> Dict[str, Any]:
    votes, words, pulls = model.votes(name, text, vector)
    order = np.argsort(-pulls)[:PULLING] if trained else []
    return {
        "topic": name,
        "chance": chance,
        "votes": votes,
        "words": [[word, vote] for word, vote in words[:PULLING]],
        "pulled_by": [[*trained[i], float(pulls[i])] for i in order],
    }


def _nearest(
    model: TopicModel, vector: np.ndarray, trained: List[Tuple[str, str]]
) -> List[List[Any]]:
    likeness = model.likeness(vector)
    return [[*trained[i], float(likeness[i])] for i in np.argsort(-likeness)[:PULLING]]


def _training_messages(settings: Dict[str, Any], root: Path) -> List[Tuple[str, str]]:
    """Return text and topic of each training message, in the order TopicModel.fit puts them in."""
    joined = examples(
        read_topics(root / "guide_content" / "topics"), read_messages(root / "data" / "nlu")
    )
    left_out = set(settings["leave_out"])
    pairs = {(topic, tidy(t)) for topic in joined if topic not in left_out for t in joined[topic]}
    return [(text, topic) for topic, text in sorted(pairs)]


def _move(text: str, settings: Dict[str, Any], root: Path) -> str:
    """Return the move of the dialogue that `text` is as a whole, or nothing."""
    messages = read_messages(root / "data" / "nlu" / "dialogue")
    moves = {loose(said): move for move, texts in messages.items() for said in texts}
    move = moves.get(loose(text), "")
    return move if move in settings["leave_out"] else ""


def load(archive: Path) -> TopicModel:
    """Read the topic model out of a trained archive of ours."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as packed:
        for member in packed.getmembers():
            if CLASSIFIER in member.name and Path(member.name).name.startswith("topics."):
                member.name = Path(member.name).name
                packed.extract(member, folder)
        return TopicModel.load(Path(folder))


def main() -> None:
    """Print the explanation."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--text", required=True)
    arguments = parser.parse_args()
    root = Path(__file__).resolve().parents[2]
    pipeline = yaml.safe_load((root / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    settings = next(step for step in pipeline if step["name"].endswith(CLASSIFIER))
    found = explain(arguments.text, load(arguments.model), settings, root)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
