"""Trains the model and proves that it holds every topic. Run by app/training.py on Python 3.10.

    python -m bot.server.fit --out models/helpline.tar.gz

Prints one line a step on standard output: `step <name>`, then `trained <topics> <examples>`; faults
go to standard error with exit code 1. Rasa only warns when an importer cannot be loaded, and then
trains without the guide: asking which importers it loaded, and counting the topics after, is what
makes that impossible.
"""

import argparse
import json
import logging
import sys
import tarfile
from pathlib import Path

from bot.server.importer import GuideImporter
from bot.server.topics import TrainingDataError

STEP_LOGGERS = (
    "rasa.engine.training.hooks",
    "bot.server.encoder",
    "bot.server.concern_classifier",
)
DATA = ["data/nlu", "data/rules", "data/stories"]


class _Steps(logging.Handler):
    """Turns Rasa's training log into one line a step."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the component whose training begins or ends."""
        message = record.getMessage()
        if "Starting to train component" in message:
            say(f"step {message.split(chr(39))[1]}")


def say(line: str) -> None:
    """Print a line for app/training.py to read."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Train; return 0, or 1 with the faults on standard error."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--check-only", action="store_true")
    arguments = parser.parse_args()
    say("step read")
    try:
        guide = GuideImporter("config.yml", "domain.yml", DATA)
    except TrainingDataError as exc:
        sys.stderr.write(f"The training data do not fit together:\n{exc}\n")
        return 1
    if arguments.check_only:
        return 0
    topics = {topic.id for topic in guide.topics}
    say("step start")
    for name in STEP_LOGGERS:
        steps = logging.getLogger(name)
        steps.addHandler(_Steps())
        steps.setLevel(logging.INFO)
        steps.propagate = False
    if not _guide_is_read():
        sys.stderr.write("Rasa trained nothing: config.yml does not load bot/server/importer.py.\n")
        return 1
    model = _train(arguments.out)
    if model is None:
        sys.stderr.write("Rasa trained nothing.\n")
        return 1
    wrong = topics ^ _topics_in(model)
    if wrong:
        model.unlink()
        sys.stderr.write(f"The model lacks, or has too much: {', '.join(sorted(wrong))}\n")
        return 1
    model.replace(arguments.out)
    say(f"trained {len(topics)} {sum(map(len, guide.get_examples().values()))}")
    return 0


def _guide_is_read() -> bool:
    """Return whether Rasa, given config.yml, really uses our importer."""
    from rasa.shared.importers.importer import TrainingDataImporter  # noqa: PLC0415

    found = [TrainingDataImporter.load_from_config("config.yml", "domain.yml", DATA)]
    for importer in found:  # Rasa wraps them in each other; the list grows as they are unwrapped
        inner = vars(importer)
        found += inner.get("_importers", [])
        found += [inner[name] for name in ("importer", "_importer") if name in inner]
    return any(isinstance(importer, GuideImporter) for importer in found)


def _train(out: Path) -> "Path | None":
    # 15 s of imports, so only after the cheap checks.
    from rasa.model_training import train  # noqa: PLC0415
    from rasa.utils.log_utils import configure_structlog  # noqa: PLC0415

    configure_structlog(logging.WARNING)

    out.parent.mkdir(parents=True, exist_ok=True)
    result = train(
        "domain.yml",
        "config.yml",
        DATA,
        output=str(out.parent),
        fixed_model_name=f"{out.name.removesuffix('.tar.gz')}-new",
    )
    return Path(result.model) if result.model else None


def _topics_in(model: Path) -> set:
    """Return the topics that the trained classifier itself can name."""
    with tarfile.open(model) as archive:
        return {
            topic
            for member in archive.getmembers()
            if member.name.endswith("/topics.json")
            for topic in json.load(archive.extractfile(member))["topics"]
        }


if __name__ == "__main__":
    sys.exit(main())
