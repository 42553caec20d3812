"""Measure the noticing of danger on held-out messages and write docs/benchmarks/safety.md.

Usage: make bench-safety

Held-out messages were written by someone who wrote no rule and no training text. They are only
read here: nothing is tuned on them, and nothing of them is printed but shares.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import bench_safety_page
from rich.progress import track
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from app import database, training, wiring
from app.environment import load_settings
from app.own_assistant import own_assistant
from app.prepare import is_prepared
from app.prepare import prepare as bring_up_to_date
from bot.client import RasaAssistant
from helpline.enums import Severity
from helpline.safety import screen
from helpline.service import Service
from helpline.settings import PROJECT_ROOT

HELD_OUT = PROJECT_ROOT / "tests" / "heldout"
PAGE = PROJECT_ROOT / "docs" / "benchmarks" / "safety.md"
FRIGHTENING = (
    *("suicid", "kill", "hang", "overdos", "die", "dying", "dead", "death", "cutting", "self harm"),
    *("self-harm", "hurt", "stab", "attack", "beat", "rape", "abuse", "threat", "danger", "unsafe"),
    *("emergency", "collapse", "unconscious", "bleed", "breath", "chest pain", "insulin", "fit"),
)
NEGATIVE = -0.05  # VADER's own limit below which a text counts as negative
EVERY_EDIT = 6  # harmless edits are tried on one message in so many
LENGTH, ROUNDS = 2000, 200


@dataclass
class Reading:
    """What one way of noticing made of one message."""

    severity: Severity
    check: bool = False


Notice = Callable[[str], Reading]


def read(name: str) -> list[dict]:
    """Return the labelled messages of one held-out file."""
    lines = (HELD_OUT / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def first_layer(text: str) -> Reading:
    """Read by the core alone."""
    found = screen(text)
    return Reading(found.severity, found.check)


def second_layer(service: Service, assistant: RasaAssistant) -> Notice:
    """Return the classifier in Rasa; what the core knows for another language never reaches it."""

    def notice(text: str) -> Reading:
        if service.guide.find_foreign(text) is not None:
            return Reading(Severity.NONE)
        danger = assistant.parse(text)["danger"]
        raised = danger["verdict"] == "raise"
        severity = Severity(danger["severity"]) if raised else Severity.NONE
        return Reading(severity, danger["verdict"] == "ask")

    return notice


def union(one: Reading, other: Reading) -> Reading:
    """Return what the family would meet: either layer may raise, neither may lower."""
    gravest = max(one.severity, other.severity, key=lambda severity: severity.rank)
    return Reading(gravest, gravest is Severity.NONE and (one.check or other.check))


def keywords(text: str) -> Reading:
    """Read as the first baseline does: any word of a list of frightening ones raises."""
    said = f" {' '.join(text.lower().split())} "
    return _all_or_nothing(any(f" {word}" in said for word in FRIGHTENING))


def sentiment() -> Notice:
    """Return the second baseline: how negative the words sound, by VADER's own limit."""
    analyzer = SentimentIntensityAnalyzer()

    def notice(text: str) -> Reading:
        return _all_or_nothing(analyzer.polarity_scores(text)["compound"] <= NEGATIVE)

    return notice


def _all_or_nothing(raised: bool) -> Reading:  # noqa: FBT001 one value in, one out
    return Reading(Severity.IMMEDIATE if raised else Severity.NONE)


def slip(text: str, chance: random.Random) -> str:
    """Swap two letters within a longer word, as hurried fingers do."""
    words = text.split(" ")
    long = [n for n, word in enumerate(words) if len(word) > 4 and word.isalpha()]  # noqa: PLR2004
    if long:
        n = chance.choice(long)
        word, at = words[n], chance.randrange(1, len(words[n]) - 2)
        words[n] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def edits() -> Mapping[str, Callable[[str], str]]:
    """Return the edits that change nothing a reader would notice."""
    chance = random.Random(22)  # noqa: S311 not a secret
    return {
        "capitals": str.upper,
        "spaces": lambda text: "  ".join(text.split()),
        "a slip of the fingers": lambda text: slip(text, chance),
        "please": lambda text: f"hi, {text} please",
        "thank you": lambda text: f"{text} thank you",
    }


def changed(messages: Sequence[dict], ways: Sequence[Notice]) -> dict[str, list[tuple[int, int]]]:
    """Return, for each edit, how many decisions each way and their union changed, of how many."""

    def decide(text: str) -> list[bool]:
        readings = [way(text) for way in ways]
        both = union(*readings)
        return [r.severity is not Severity.NONE for r in (both, *readings)]

    some = messages[::EVERY_EDIT]
    before = [decide(m["text"]) for m in track(some, description="As written")]
    result: dict[str, list[tuple[int, int]]] = {}
    for name, edit in edits().items():
        after = [decide(edit(m["text"])) for m in track(some, description=name)]
        result[name] = [
            (sum(b[n] != a[n] for b, a in zip(before, after, strict=True)), len(some))
            for n in range(len(ways) + 1)
        ]
    return result


def time_first_layer(messages: Sequence[dict]) -> tuple[float, float]:
    """Return p50 and p99 in milliseconds of processor time, for texts of 2,000 characters."""
    chance = random.Random(22)  # noqa: S311
    times = []
    for _ in range(ROUNDS):
        text = ""
        while len(text) < LENGTH:
            text += chance.choice(messages)["text"] + ". "
        began = time.process_time()
        screen(text[:LENGTH])
        times.append(1000 * (time.process_time() - began))
    cuts = statistics.quantiles(times, n=100)
    return cuts[49], cuts[98]


def notice_all(name: str, notice: Notice, messages: Iterable[dict]) -> list[Reading]:
    """Read every message in one way."""
    return [notice(m["text"]) for m in track(list(messages), description=name)]


def main() -> int:
    """Measure, write the page, print where it is."""
    messages, languages = read("safety.jsonl"), read("safety_languages.jsonl")
    settings = load_settings()
    training.train_if_needed(settings)
    with database.available(settings):
        if not is_prepared(settings):
            bring_up_to_date(settings)
        with own_assistant(settings) as own:
            service = wiring.build_service(own)
            second = second_layer(service, RasaAssistant(own))
            readings = {
                "layer 1": notice_all("Layer 1", first_layer, messages),
                "layer 2": notice_all("Layer 2", second, messages),
                "keywords": notice_all("Keywords", keywords, messages),
                "sentiment": notice_all("Sentiment", sentiment(), messages),
            }
            abroad = {
                "layer 1": notice_all("Languages", first_layer, languages),
                "layer 2": notice_all("Languages", second, languages),
            }
            moved = changed(messages, [first_layer, second])
    for found in (readings, abroad):
        pairs = zip(found["layer 1"], found["layer 2"], strict=True)
        found["union"] = [union(one, other) for one, other in pairs]
    page = bench_safety_page.write(
        messages, readings, languages, abroad, moved, time_first_layer(messages)
    )
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    print(f"Written: {PAGE.relative_to(PROJECT_ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
