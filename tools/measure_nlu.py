"""Measures ways of telling topics apart, on the same training data and the same held-out messages.

    .venv-rasa/bin/python tools/measure_nlu.py            the steps from a baseline to what is used
    .venv-rasa/bin/python tools/measure_nlu.py --rasa     and Rasa's own pipelines (20 minutes)

Prints Markdown tables for docs/adr/0011. "Left out" is accuracy on each training message by a model
that did not see it; "tuning" is data/tuning, on which thresholds were set; "held out" is
tests/heldout, which nothing was chosen on. Intervals are 95 % Wilson.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.server import minilm, vectors  # noqa: E402 - the path comes first
from bot.server.clauses import split  # noqa: E402
from bot.server.model import Recipe, TopicModel, ranked  # noqa: E402
from bot.server.spelling import tidy  # noqa: E402
from bot.server.topics import examples, read_messages, read_topics  # noqa: E402
from bot.server.verdict import Thresholds, decide  # noqa: E402

HELD_OUT = ROOT / "tests" / "heldout"
CACHE = ROOT / "var" / "cache" / "measure"
RASA_PIPELINES = {
    "Rasa's default (DIET, 100 epochs)": [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {
            "name": "DIETClassifier",
            "epochs": 100,
            "constrain_similarities": True,
            "entity_recognition": False,
            "random_seed": 42,
        },
    ],
    "light DIET with our encoder": [
        {"name": "WhitespaceTokenizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "bot.server.encoder.SentenceEncoder"},
        {
            "name": "DIETClassifier",
            "epochs": 100,
            "number_of_transformer_layers": 0,
            "transformer_size": 128,
            "constrain_similarities": True,
            "entity_recognition": False,
            "random_seed": 42,
        },
    ],
    "Rasa's LogisticRegression with our encoder": [
        {"name": "WhitespaceTokenizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "bot.server.encoder.SentenceEncoder"},
        {"name": "LogisticRegressionClassifier", "max_iter": 300},
    ],
}


class Data:
    """Training messages and the two sets that are scored."""

    def __init__(self, settings: dict) -> None:
        leave_out = set(settings["leave_out"])
        topics = read_topics(ROOT / "guide_content" / "topics")
        joined = examples(topics, read_messages(ROOT / "data" / "nlu"))
        pairs = sorted({(tidy(t), k) for k in joined if k not in leave_out for t in joined[k]})
        self.texts = [text for text, _ in pairs]
        self.topics = [topic for _, topic in pairs]
        known = set(self.topics)
        tuning = _rows(ROOT / "data" / "tuning" / "messages.jsonl")
        self.tuning = [r for r in tuning if r["topic"] in known and "both" not in r]
        held = _rows(HELD_OUT / "topics_first.jsonl") + _rows(HELD_OUT / "topics_rest.jsonl")
        self.held = [r for r in held if r["topic"] in known]
        self.two = [
            r
            for r in _rows(HELD_OUT / "two_questions.jsonl")
            if r["topic"] in known and r["second"] in known
        ]


def _rows(path: Path) -> list:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.strip()]


def encode(texts: list, name: str) -> np.ndarray:
    """Return the vectors of `texts`, cached between runs."""
    return vectors.cached(texts, minilm.shared().encode, CACHE / name)


def interval(share: float, count: int) -> str:
    """Return a share with its 95 % Wilson interval, as percentages."""
    z = 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return f"{share:.1%} ({middle - half:.0%}-{middle + half:.0%})"


def score(chances: np.ndarray, names: list, rows: list) -> dict:
    """Return how often the right topic is first and among three, and the calibration error."""
    order = chances.argsort(axis=1)[:, ::-1]
    wanted = [{row["topic"], *row.get("accept", [])} for row in rows]
    first = np.array([names[o[0]] in w for o, w in zip(order, wanted, strict=True)])
    three = np.mean([any(names[i] in w for i in o[:3]) for o, w in zip(order, wanted, strict=True)])
    sure = chances.max(axis=1)
    bins = np.clip((sure * 10).astype(int), 0, 9)
    error = sum(
        (bins == b).mean() * abs(first[bins == b].mean() - sure[bins == b].mean())
        for b in np.unique(bins)
    )
    return {"first": first.mean(), "three": three, "error": error, "count": len(rows)}


def row(name: str, left_out: "float | None", tuning: dict, held: dict, seconds: float) -> None:
    """Print one line of the table."""
    left = f"{left_out:.1%}" if left_out is not None else ""
    print(
        f"| {name} | {left} | {tuning['first']:.1%} | {interval(held['first'], held['count'])} "
        f"| {held['three']:.1%} | {held['error']:.3f} | {seconds:.0f} |"
    )


def baselines(data: Data) -> None:
    """Print what is not used: words alone, nearest neighbours, logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    names = sorted(set(data.topics))
    truth = np.array([names.index(topic) for topic in data.topics])
    seen = encode(data.texts, "train")[:, : minilm.WIDTH]
    sets = [(data.tuning, "tuning"), (data.held, "held")]
    texts = {name: [tidy(r["text"]) for r in rows] for rows, name in sets}

    started = time.time()
    tfidf = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(data.texts)
    linear = LogisticRegression(C=10, max_iter=300).fit(tfidf.transform(data.texts), truth)
    scored = [score(linear.predict_proba(tfidf.transform(texts[n])), names, r) for r, n in sets]
    row("TF-IDF of words, logistic regression", None, *scored, time.time() - started)

    started, scored = time.time(), []
    for rows, name in sets:
        likeness = encode(texts[name], name)[:, : minilm.WIDTH] @ seen.T
        best = np.stack([likeness[:, truth == i].max(axis=1) for i in range(len(names))], axis=1)
        chances = np.exp(20 * (best - 1))
        scored.append(score(chances / chances.sum(axis=1, keepdims=True), names, rows))
    row("nearest training message by sentence vector", None, *scored, time.time() - started)

    started = time.time()
    linear = LogisticRegression(C=10, max_iter=300).fit(seen, truth)
    scored = [
        score(linear.predict_proba(encode(texts[n], n)[:, : minilm.WIDTH]), names, r)
        for r, n in sets
    ]
    row("sentence vector, logistic regression", None, *scored, time.time() - started)


def steps(data: Data, chosen: Recipe) -> TopicModel:
    """Print each step of our own model, the one in use last, and return that one."""
    table = {
        "ours, sentence vectors only": replace(chosen, chars=0.0, words=0.0),
        "ours, characters and words only": replace(chosen, meaning=0.0),
        "ours, without words": replace(chosen, words=0.0),
        "ours, without characters": replace(chosen, chars=0.0),
        "ours, sharper likeness (focus 6)": replace(chosen, focus=6.0),
        "ours, smoother (2)": replace(chosen, smoothness=2.0),
        "**ours, as in config.yml**": chosen,
    }
    seen = encode(data.texts, "train")
    for name, recipe in table.items():
        started = time.time()
        model = TopicModel(recipe)
        truth, left_out = model.fit(data.texts, seen, data.topics)
        seconds = time.time() - started
        scored = []
        for rows, place in ((data.tuning, "tuning"), (data.held, "held")):
            texts = [tidy(r["text"]) for r in rows]
            scored.append(
                score(model.probabilities(texts, encode(texts, place)), model.topics, rows)
            )
        row(name, (left_out.argmax(axis=1) == truth).mean(), *scored, seconds)
    return model


def verdicts(data: Data, model: TopicModel, thresholds: Thresholds) -> None:
    """Print what families would get: right, wrong with confidence, asked back, both answered."""

    def read(text: str) -> tuple:
        tidied = tidy(text)
        texts = [tidied, *(half for cut in split(tidied) for half in cut)]
        chances = model.probabilities(texts, minilm.shared().encode(texts))
        whole, *halves = (ranked(model.topics, c) for c in chances)
        return decide(whole, list(zip(halves[::2], halves[1::2], strict=True)), thresholds), whole

    print("\n| set | answered right | wrong with confidence | asked back | right among the three |")
    print("|---|---|---|---|---|")
    for name, rows in (("tuning", data.tuning), ("held out", data.held)):
        right = wrong = asked = among = 0
        for item in rows:
            reading, whole = read(item["text"])
            wanted = {item["topic"], *item.get("accept", [])}
            if not reading.topics:
                asked += 1
                among += bool(wanted & {topic for topic, _ in whole[:3]})
            elif wanted & set(reading.topics):
                right += 1
            else:
                wrong += 1
        count = len(rows)
        offered = interval(among / asked, asked) if asked else "none asked"
        print(
            f"| {name} ({count}) | {interval(right / count, count)} "
            f"| {interval(wrong / count, count)} | {interval(asked / count, count)} | {offered} |"
        )
    both = [{r["topic"], r["second"]} <= set(read(r["text"])[0].topics) for r in data.two]
    more = [len(read(r["text"])[0].topics) > 1 for r in data.held]
    print(f"\nTwo questions held out: both answered {interval(np.mean(both), len(both))}.")
    print(f"One question held out: two answered {interval(np.mean(more), len(more))}.")


def rasa_pipelines(data: Data) -> None:
    """Train and score Rasa's own classifiers through Rasa itself."""
    import asyncio

    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(40)
    base = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    for name, pipeline in RASA_PIPELINES.items():
        with tempfile.TemporaryDirectory() as folder:
            config = ROOT / "var" / "measure-config.yml"
            paths = {
                "topics": str(ROOT / "guide_content/topics"),
                "messages": str(ROOT / "data/nlu"),
            }
            importers = [{"name": "RasaFileImporter"}, {**base["importers"][1], **paths}]
            config.write_text(
                yaml.safe_dump({**base, "importers": importers, "pipeline": pipeline})
            )
            started = time.time()
            model = train_nlu(str(config), str(ROOT / "data/nlu"), folder, domain="domain.yml")
            seconds = time.time() - started
            agent = Agent.load(model)
            names = sorted(set(data.topics))
            scored = []
            for rows in (data.tuning, data.held):
                chances = np.zeros((len(rows), len(names)))
                for i, item in enumerate(rows):
                    parsed = asyncio.run(agent.parse_message(item["text"]))
                    for guess in parsed["intent_ranking"]:
                        if guess["name"] in names:
                            chances[i, names.index(guess["name"])] = guess["confidence"]
                scored.append(score(chances, names, rows))
            row(name, None, *scored, seconds)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rasa", action="store_true", help="train Rasa's own pipelines too")
    arguments = parser.parse_args()
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    settings = next(step for step in pipeline if step["name"].endswith("TopicClassifier"))
    recipe = Recipe(**{k: settings[k] for k in Recipe.__dataclass_fields__})
    thresholds = Thresholds(**{k: settings[k] for k in Thresholds.__dataclass_fields__})
    data = Data(settings)
    print(f"{len(data.texts)} training messages, {len(set(data.topics))} topics.\n")
    print("| | left out | tuning | held out, first | held out, among 3 | calibration | seconds |")
    print("|---|---|---|---|---|---|---|")
    baselines(data)
    if arguments.rasa:
        rasa_pipelines(data)
    model = steps(data, recipe)
    verdicts(data, model, thresholds)


if __name__ == "__main__":
    main()
