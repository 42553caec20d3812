"""`make explain`: why a message is understood as it is, as plain tables for staff."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from app.preflight import RASA_PYTHON
from app.training import current_model, rasa_environment
from helpline.errors import HelplineError
from helpline.settings import PROJECT_ROOT, Settings

SECONDS = 120


class ExplanationError(HelplineError):
    """The message could not be explained; the text says why."""


def explain(settings: Settings, text: str) -> Mapping[str, Any]:
    """Return what bot/server/explain.py found with the newest model.

    Raises TrainingError when there is no model, ExplanationError when it cannot be read.
    """
    command = [str(RASA_PYTHON), "-m", "bot.server.explain"]
    command += ["--model", str(current_model(settings).resolve()), "--text", text]
    done = subprocess.run(  # noqa: S603 - our own module
        command,
        cwd=PROJECT_ROOT,
        env=os.environ | rasa_environment(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        message = f"The model could not be read; train it again ({last})."
        raise ExplanationError(message)
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def tables(found: Mapping[str, Any]) -> RenderableType:
    """Return the explanation as tables, the verdict first."""
    return Group(*_parts(found))


def _parts(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield _verdict(found)
    yield _topics(found)
    yield _pulls(found)
    if found["halves"]:
        yield _halves(found)


def _verdict(found: Mapping[str, Any]) -> Table:
    reading, bars = found["reading"], found["thresholds"]
    answers = " and ".join(reading["topics"])
    table = Table("What", "Value", title="How it was read")
    table.add_row("read as", found["tidied"])
    table.add_row("in pieces", " ".join(found["tokens"]))
    table.add_row("takes back what was understood", "yes" if found["corrects"] else "no")
    if found["move"]:
        table.add_row("short reply, matched as a whole", found["move"])
    table.add_row("verdict", f"answer {answers}" if answers else "ask back")
    table.add_row("would be offered", ", ".join(reading["plausible"]) or "nothing")
    table.add_row("answered from", f"{bars['sure']:.0%} on")
    table.add_row(
        "two questions", f"each half from {bars['half']:.0%}, among the first {bars['among']:.0f}"
    )
    table.add_row("offered from", f"{bars['plausible']:.0%} on")
    return table


def _topics(found: Mapping[str, Any]) -> Table:
    table = Table("Topic", "Chance", title="Likely topics: the votes add up to the score")
    features = list(found["topics"][0]["votes"])
    for feature in (*features, "score"):
        table.add_column(feature, justify="right")
    table.add_column("words that counted")
    for topic in found["topics"]:
        votes = [topic["votes"][feature] for feature in features]
        words = ", ".join(f"{word} {vote:+.3f}" for word, vote in topic["words"])
        numbers = [f"{vote:+.3f}" for vote in (*votes, sum(votes))]
        table.add_row(topic["topic"], f"{topic['chance']:.1%}", *numbers, words)
    return table


def _pulls(found: Mapping[str, Any]) -> Table:
    title = "Training messages that pulled it there, and those nearest in meaning"
    table = Table("Towards", "Message", "Its topic", "Pull", title=title)
    if not found["messages_known"]:
        table.add_row(
            "", "The training messages have changed since this model was trained.", "", ""
        )
    for topic in found["topics"][:2]:
        for text, its_topic, pull in topic["pulled_by"]:
            table.add_row(topic["topic"], text, its_topic, f"{pull:+.3f}")
    for text, its_topic, likeness in found["nearest"]:
        table.add_row("nearest", text, its_topic, f"{likeness:.2f} alike")
    return table


def _halves(found: Mapping[str, Any]) -> Table:
    table = Table("First half", "Topic", "Second half", "Topic", title="Where it could be cut")
    for half in found["halves"]:
        first, second = (
            f"{topic} {chance:.0%}"
            for topic, chance in zip(half["topics"], half["chances"], strict=True)
        )
        table.add_row(half["before"], first, half["after"], second)
    return table
