"""Rasa's model and Rasa's processes: trains only what changed, and knows how to start the server.

A model is named after a fingerprint of everything it was trained from, so an unchanged set of
training data never trains again, and going back to an earlier set trains nothing either while its
model is still there. `python -m app.training` trains if needed.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.preflight import RASA_PYTHON
from bot.client import tracker_url
from helpline.errors import HelplineError
from helpline.settings import PROJECT_ROOT, Settings

CURRENT = "current"
KEPT_MODELS = 2  # the one in use and the one before it
TRAINING_THREADS = "2"  # while serving one is quicker: the other core has the database and the web
FILES = ("config.yml", "domain.yml", "requirements/rasa.txt", "requirements/weights.txt")
FOLDERS = ("data/nlu", "data/rules", "data/safety", "data/stories", "bot/server")
SUFFIXES = frozenset({".yml", ".py", ".jsonl"})
TRAINING_KEYS = ("id", "title", "questions")  # of a topic; its wordings train nothing

# What bot/server/fit.py says it does, in a person's words and in order.
STEPS = {
    "read": "reading the guide and the training messages",
    "start": "starting Rasa",
    "RulePolicy": "learning the rules of the conversation",
    "SentenceEncoder": "reading what each training message means",
    "TopicClassifier": "learning to tell the topics apart",
    "ConcernClassifier": "learning what danger sounds like",
    "DialogueMoves": "learning short replies",
    "trained": "packing the model",
}


class TrainingError(HelplineError):
    """There is no model, or it could not be trained; the text says why."""


def models_folder(settings: Settings) -> Path:
    """Return where models are kept."""
    return settings.var_dir / "models"


def current_model(settings: Settings) -> Path:
    """Return the newest trained model; raise TrainingError when there is none."""
    folder = models_folder(settings)
    try:
        model = folder / (folder / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        model = folder / "none"
    if not model.is_file():
        raise TrainingError("There is no trained model yet; run `make train`.")
    return model


def fingerprint(root: Path = PROJECT_ROOT) -> str:
    """Return 16 hex digits that change with anything the model is trained from."""
    digest = hashlib.sha256()
    paths = [root / name for name in FILES]
    for name in FOLDERS:
        paths += sorted(
            p for p in (root / name).rglob("*") if p.suffix in {".yml", ".py", ".jsonl"}
        )
    for path in paths:
        if path.name not in _ONLY_FOR_SERVING:
            digest.update(f"\n{path.relative_to(root)}\n".encode() + path.read_bytes())
    for path in sorted((root / "guide_content" / "topics").rglob("*.yml")):
        topic = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        about = [topic.get(key) for key in TRAINING_KEYS]
        digest.update(json.dumps(about, default=str).encode())
    return digest.hexdigest()[:16]


_ONLY_FOR_SERVING = frozenset(
    {
        "serve.py",
        "explain.py",
        "quicker.py",
        "channel.py",
        "tracker.py",
        "endpoints.yml",
        "endpoints-evaluate.yml",
    }
    | {"credentials.yml"}
)


def train_if_needed(settings: Settings) -> Path:
    """Return the model for the training data as they are, training it when there is none yet."""
    return _train(settings, again=False)


def train(settings: Settings) -> Path:
    """Train now, whether anything changed or not, and return the model."""
    return _train(settings, again=True)


def _train(settings: Settings, *, again: bool) -> Path:
    folder = models_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        name = f"on-my-side-{fingerprint()}.tar.gz"
        if again or not (folder / name).is_file():
            _fit(settings, folder / name)
        _make_current(folder, name)
    return folder / name


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one training run at a time; a second waits, and then finds its model made."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fit(settings: Settings, model: Path) -> None:
    command = [str(RASA_PYTHON), "-m", "bot.server.fit", "--out", str(model.resolve())]
    console = Console(soft_wrap=True)
    started = time.monotonic()
    complaints = (settings.var_dir / "training.log").resolve()
    with complaints.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            cwd=PROJECT_ROOT,
            env=os.environ | rasa_environment(settings) | _threads(TRAINING_THREADS),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        with process, _progress(console) as show:
            for line in process.stdout or ():
                word, *rest = line.split()[:2] or [""]
                step = rest[0] if word == "step" and rest else word
                if step in STEPS:
                    show(step)
    if process.returncode:
        raise TrainingError(_reason(complaints))
    seconds = time.monotonic() - started
    console.print(f"Training: done in {seconds:.0f} s.")


@contextmanager
def _progress(console: Console) -> Iterator:
    """Give a function that shows a step: one moving line on a terminal, plain lines in a log."""
    order = list(STEPS)
    if not console.is_terminal:
        yield lambda step: console.print(
            f"Training: {order.index(step) + 1}/{len(order)} {STEPS[step]}"
        )
        return
    columns = (
        TextColumn("Training"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(order))
        yield lambda step: progress.update(
            task, completed=order.index(step), description=STEPS[step]
        )


def _reason(complaints: Path) -> str:
    """Return why training failed: the faults it named, or the last line it wrote."""
    lines = complaints.read_text(encoding="utf-8", errors="replace").splitlines()
    for start, line in enumerate(lines):
        if line.startswith(("The training data", "The model lacks", "Rasa trained nothing")):
            return "\n".join(["Training failed.", *lines[start:]])
    last = next((line for line in reversed(lines) if line.strip()), "it gave no reason")
    return f"Training failed: {last} ({complaints})"


def _make_current(folder: Path, name: str) -> None:
    """Point to the model in one step, and remove all but the newest few."""
    draft = folder / f".{CURRENT}.{os.getpid()}"
    draft.write_text(name, encoding="utf-8")
    draft.replace(folder / CURRENT)
    os.utime(folder / name)
    models = sorted(folder.glob("on-my-side-*.tar.gz"), key=lambda p: p.stat().st_mtime)
    for old in models[:-KEPT_MODELS]:
        old.unlink()


def rasa_environment(settings: Settings) -> dict[str, str]:
    """Return the variables that every process on Rasa's interpreter needs, secrets among them."""
    folder = settings.var_dir.resolve()
    return {
        "HELPLINE_RASA_TOKEN": settings.rasa_token.get_secret_value(),
        "HELPLINE_RASA_TRACKER_URL": _psycopg2_url(tracker_url(settings)),
        "HELPLINE_ACTIONS_URL": settings.actions_url.rstrip("/") + "/webhook",
        "HELPLINE_ENCODER_CACHE": str(folder / "cache" / "encoder"),
        "RASA_TELEMETRY_ENABLED": "false",  # it would report to a company, and write to the home
        "RASA_CACHE_DIRECTORY": str(folder / "cache" / "rasa"),
        "RASA_MAX_CACHE_SIZE": "0",
        "LOG_LEVEL": "WARNING",  # below that Rasa logs what families wrote
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **_threads("1"),
        "TOKENIZERS_PARALLELISM": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(PROJECT_ROOT),
    }


def _threads(number: str) -> dict[str, str]:
    names = ("OPENBLAS", "OMP")
    tensorflow = {f"TF_{name}_OP_PARALLELISM_THREADS": "1" for name in ("INTRA", "INTER")}
    return {f"{name}_NUM_THREADS": number for name in names} | tensorflow


def rasa_command(settings: Settings, *, stored: bool = True) -> list[str]:
    """Return the command that serves the newest model on loopback.

    With `stored` false the conversations are kept in memory only, as `make evaluate` needs.
    Raises TrainingError when nothing is trained yet.
    """
    command = [str(RASA_PYTHON), "-m", "bot.server.serve"]
    command += ["--model", str(current_model(settings).resolve())]
    command += ["--port", str(urlsplit(settings.rasa_url).port or 5005)]
    if not stored:
        command += ["--endpoints", str(PROJECT_ROOT / "bot" / "server" / "endpoints-evaluate.yml")]
    return command


def _psycopg2_url(url: str) -> str:
    """Return the database's address as SQLAlchemy 1.4 in Rasa's environment wants it."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg2{separator}{rest}" if scheme.startswith("postgres") else url


if __name__ == "__main__":
    from app.environment import load_settings

    train_if_needed(load_settings())
