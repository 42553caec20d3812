"""Measures what each part of the topic model buys, for the table of docs/adr/0011.

    .venv-rasa/bin/python tools/measure_nlu.py

Prints a Markdown table. "Left out" is accuracy on each training message by a model that did not see
it; "tuning" is data/tuning, on which thresholds were set; "held out" is tests/heldout, which
nothing was chosen on. Other ways of telling topics apart are compared by tools/bench_nlu.py.
"""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.server import minilm, vectors  # noqa: E402 - the path comes first
from bot.server.model import Recipe, TopicModel  # noqa: E402
from bot.server.spelling import tidy  # noqa: E402
from bot.server.topics import examples, read_messages, read_topics  # noqa: E402

HELD_OUT = ROOT / "tests" / "heldout"
CACHE = ROOT / "var" / "cache" / "measure"


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


def steps(data: Data, chosen: Recipe) -> None:
    """Print each step of our own model, the one in use last."""
    table = {
        "ours, sentence vectors only": replace(chosen, chars=0.0, words=0.0),
        "ours, characters and words only": replace(chosen, meaning=0.0),
        "ours, without the push to out of scope": replace(chosen, outside=0.0),
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


def main() -> None:
    """Print the tables."""
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    settings = next(step for step in pipeline if step["name"].endswith("TopicClassifier"))
    recipe = Recipe(**{k: settings[k] for k in Recipe.__dataclass_fields__})
    data = Data(settings)
    print(f"{len(data.texts)} training messages, {len(set(data.topics))} topics.\n")
    print("| | left out | tuning | held out, first | held out, among 3 | calibration | seconds |")
    print("|---|---|---|---|---|---|---|")
    steps(data, recipe)


if __name__ == "__main__":
    main()
