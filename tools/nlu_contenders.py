"""Trains ways of telling topics apart on the same messages and writes what each says of the rest.

    .venv-rasa/bin/python tools/nlu_contenders.py OUT.json --seed 0 [--only ours,tfidf,...]

Called by tools/bench_nlu.py, which scores. OUT holds, for each contender and each set of messages,
the six likeliest topics with their chances; for ours also what it would answer and offer. Seed 0
trains on every message; any other leaves out a twentieth, drawn with that seed, and gives it to
whatever else is random. Nothing here learns from, or is chosen on, tests/heldout.
"""

import argparse
import asyncio
import hashlib
import json
import logging
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import yaml
from scipy.optimize import minimize_scalar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.server import minilm, vectors  # noqa: E402 - the path comes first
from bot.server.clauses import split  # noqa: E402
from bot.server.model import Recipe, TopicModel, ranked  # noqa: E402
from bot.server.spelling import tidy  # noqa: E402
from bot.server.topics import examples, read_messages, read_topics  # noqa: E402
from bot.server.verdict import NOTHING_KNOWN, Thresholds, decide  # noqa: E402

HELD_OUT = ROOT / "tests" / "heldout"
CACHE = ROOT / "var" / "cache" / "bench"
SETS = {
    "tuning": [ROOT / "data" / "tuning" / "messages.jsonl"],
    "held": [HELD_OUT / "topics_first.jsonl", HELD_OUT / "topics_rest.jsonl"],
    "two": [HELD_OUT / "two_questions.jsonl"],
}
LEFT_OUT_SHARE = 0.05
KEPT = 6  # topics of a ranking that are written down
EPOCHS = 10  # of DIET; `rasa init` says 100, for bots a tenth of this size
BM25_K1, BM25_B = 1.5, 0.75
_WORD = re.compile(r"\w+")


class Task:
    """The training messages of one seed, and the sets to be read."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
        self.settings = next(step for step in pipeline if step["name"].endswith("TopicClassifier"))
        topics = read_topics(ROOT / "guide_content" / "topics")
        joined = examples(topics, read_messages(ROOT / "data" / "nlu"))
        moves = set(self.settings["leave_out"])
        pairs = sorted({(tidy(t), k) for k in joined if k not in moves for t in joined[k]})
        if seed:
            kept = np.random.default_rng(seed).random(len(pairs)) >= LEFT_OUT_SHARE
            pairs = [pair for pair, keep in zip(pairs, kept, strict=True) if keep]
        self.texts = [text for text, _ in pairs]
        self.topics = [topic for _, topic in pairs]
        self.names = sorted(set(self.topics))
        self.truth = np.array([self.names.index(topic) for topic in self.topics])
        self.sets = {name: [r for p in paths for r in _rows(p)] for name, paths in SETS.items()}

    def fingerprint(self) -> str:
        """Return a digest of what is learnt from and what is read."""
        raw = [self.texts, self.topics, {n: [r["text"] for r in s] for n, s in self.sets.items()}]
        return hashlib.sha256(json.dumps(raw).encode()).hexdigest()[:16]

    def vectors(self, texts: list[str], name: str) -> np.ndarray:
        """Return sentence vectors, kept between runs."""
        return vectors.cached(texts, minilm.shared().encode, CACHE / name)

    def words(self, name: str) -> list[str]:
        """Return the tidied messages of a set."""
        return [tidy(row["text"]) for row in self.sets[name]]


def ours(task: Task) -> Callable[[str], list]:
    """Build the pipeline of config.yml, without Rasa around it."""
    recipe = Recipe(**{k: task.settings[k] for k in Recipe.__dataclass_fields__})
    thresholds = Thresholds(**{k: task.settings[k] for k in Thresholds.__dataclass_fields__})
    model = TopicModel(recipe)
    model.fit(task.texts, task.vectors(task.texts, f"train{task.seed}"), task.topics)

    def read(name: str) -> list:
        said = []
        for text in task.words(name):
            texts = [text, *(half for cut in split(text) for half in cut)]
            chances = model.probabilities(texts, minilm.shared().encode(texts))
            whole, *halves = (ranked(model.topics, row) for row in chances)
            cuts = list(zip(halves[::2], halves[1::2], strict=True))
            known = model.knows(text)
            reading = decide(whole, cuts, thresholds) if known else NOTHING_KNOWN
            said.append({"ranking": whole[:KEPT], **asdict(reading)})
        return said

    return read


def tfidf(task: Task) -> Callable[[str], list]:
    """Build TF-IDF of words and word pairs with logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    linear = LogisticRegression(C=10, max_iter=300, random_state=task.seed)
    linear.fit(features.fit_transform(task.texts), task.truth)
    return lambda name: _said(task, linear.predict_proba(features.transform(task.words(name))))


def nearest(task: Task) -> Callable[[str], list]:
    """Take the topic of the nearest training message in the sentence encoder."""
    seen = task.vectors(task.texts, f"train{task.seed}")[:, : minilm.WIDTH]

    def likeness(name: str) -> np.ndarray:
        rows = task.vectors(task.words(name), name)[:, : minilm.WIDTH] @ seen.T
        return np.stack(
            [rows[:, task.truth == i].max(axis=1) for i in range(len(task.names))], axis=1
        )

    return _tempered(task, likeness)


def bm25(task: Task) -> Callable[[str], list]:
    """Rank by BM25 (Robertson and Zaragoza, 2009) over title and web answer of each topic."""
    pages = {}
    for path in sorted((ROOT / "guide_content" / "topics").rglob("*.yml")):
        topic = yaml.safe_load(path.read_text(encoding="utf-8"))
        if topic["id"] in task.names:
            text = re.sub(r"\{\{.*?\}\}", " ", topic["title"] + " " + topic["answers"]["web"])
            pages[topic["id"]] = Counter(_WORD.findall(tidy(text)))
    documents = [pages[name] for name in task.names]
    lengths = np.array([sum(page.values()) for page in documents])
    spread = BM25_K1 * (1 - BM25_B + BM25_B * lengths / lengths.mean())
    holding = Counter(word for page in documents for word in page)

    def scores(name: str) -> np.ndarray:
        found = np.zeros((len(task.sets[name]), len(documents)))
        for row, text in enumerate(task.words(name)):
            for word in _WORD.findall(text):
                counts = np.array([page[word] for page in documents])
                rarity = np.log(1 + (len(documents) - holding[word] + 0.5) / (holding[word] + 0.5))
                found[row] += rarity * counts * (BM25_K1 + 1) / (counts + spread)
        return found

    return _tempered(task, scores)


def rasa_default(task: Task) -> Callable[[str], list]:
    """Build what `rasa init` writes, less its parts for entities and response selection."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    diet = {"name": "DIETClassifier", "epochs": EPOCHS, "constrain_similarities": True}
    pipeline = [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {**diet, "entity_recognition": False, "random_seed": task.seed},
    ]
    with tempfile.TemporaryDirectory() as folder:
        config, data = Path(folder) / "config.yml", Path(folder) / "nlu.yml"
        config.write_text(
            yaml.safe_dump({"recipe": "default.v1", "language": "en", "pipeline": pipeline})
        )
        by_topic: dict[str, list[str]] = {}
        for text, topic in zip(task.texts, task.topics, strict=True):
            by_topic.setdefault(topic, []).append(text)
        nlu = [
            {"intent": topic, "examples": "".join(f"- {text}\n" for text in texts)}
            for topic, texts in by_topic.items()
        ]
        data.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}), encoding="utf-8")
        agent = Agent.load(train_nlu(str(config), str(data), folder))

    def read(name: str) -> list:
        said = []
        for row in task.sets[name]:
            found = asyncio.run(agent.parse_message(tidy(row["text"])))["intent_ranking"]
            ranking = [(guess["name"], guess["confidence"]) for guess in found[:KEPT]]
            said.append({"ranking": ranking})
        return said

    return read


CONTENDERS = {
    "ours": ours, "tfidf": tfidf, "bm25": bm25, "nearest": nearest, "rasa": rasa_default,
}  # fmt: skip


def _tempered(task: Task, scores: Callable[[str], np.ndarray]) -> Callable[[str], list]:
    """Turn scores into chances by the temperature under which data/tuning surprises least."""
    rows = [r for r in task.sets["tuning"] if r["topic"] in task.names]
    truth = [task.names.index(r["topic"]) for r in rows]
    kept = [i for i, r in enumerate(task.sets["tuning"]) if r["topic"] in task.names]
    known = scores("tuning")[kept]

    def surprise(temperature: float) -> float:
        chances = _softmax(known / temperature)[np.arange(len(truth)), truth]
        return float(-np.log(chances + 1e-12).mean())

    best = minimize_scalar(surprise, bounds=(0.001, 20), method="bounded").x
    return lambda name: _said(task, _softmax(scores(name) / best))


def _softmax(scores: np.ndarray) -> np.ndarray:
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    return chances / chances.sum(axis=1, keepdims=True)


def _said(task: Task, chances: np.ndarray) -> list:
    return [{"ranking": ranked(task.names, row)[:KEPT]} for row in chances]


def _rows(path: Path) -> list:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def main() -> None:
    """Train each contender that has not been trained on this before, and write what it says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default=",".join(CONTENDERS))
    arguments = parser.parse_args()
    task = Task(arguments.seed)
    found = {"messages": len(task.texts), "topics": len(task.names), "contenders": {}}
    for name in arguments.only.split(","):
        kept = CACHE / f"{name}-{task.seed}-{task.fingerprint()}.json"
        if name != "ours" and kept.exists():  # some take most of an hour
            found["contenders"][name] = json.loads(kept.read_text())
            continue
        started = time.time()
        read = CONTENDERS[name](task)
        seconds = time.time() - started
        sets = {place: read(place) for place in task.sets}
        found["contenders"][name] = {"seconds": round(seconds), "sets": sets}
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found["contenders"][name]))
        print(f"{name}, seed {task.seed}: trained in {seconds:.0f} s", flush=True)
    arguments.out.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
