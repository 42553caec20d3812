"""Learn the weights of guide_content/safety/weighed from data/safety and write them down.

Usage: make weigh-words (python tools/weigh_words.py)

The messages are laid out here by the core's own lexicon; tools/weigh_words_fit.py weighs them on
Rasa's interpreter, which has scikit-learn, and prints what the table would have made of each pair
of messages had it not seen the pair. Run it after data/safety or the word files have changed.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from app.preflight import RASA_PYTHON
from helpline.enums import Severity
from helpline.safety import rules
from helpline.safety.patterns import ANY_WORD
from helpline.safety.screen import screen_by_rules
from helpline.safety.weighing import FOLDER, signs
from helpline.settings import PROJECT_ROOT

EVERY = 3  # of the messages to the guide, one in so many


def dangers() -> list[dict]:
    """Return the messages of data/safety, each once."""
    rows: dict[str, dict] = {}
    for path in sorted((PROJECT_ROOT / "data" / "safety").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows.setdefault(" ".join(row["text"].lower().split()), row)
    return list(rows.values())


def harmless() -> list[str]:
    """Return messages to the guide in which the rules see nothing, not even a doubt."""
    texts = []
    for path in sorted((PROJECT_ROOT / "data" / "nlu" / "guide").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            texts += [line.removeprefix("- ") for line in block["examples"].splitlines()]
    calm = []
    for text in texts[::EVERY]:
        found = screen_by_rules(text)
        if not found.check and found.severity is Severity.NONE:
            calm.append(text)
    return calm


def main() -> int:
    """Lay out, weigh, write. Returns 0, or what the weighing returned."""
    lexicon = rules.current().lexicon

    def laid_out(text: str) -> list[str]:
        return sorted(set(signs(lexicon.lay_out(text))) - {ANY_WORD})

    found = dangers()
    for row in found:
        row["signs"] = laid_out(row.pop("text"))
        row["noticed"] = row["severity"] != "none"
    plain = harmless()
    found += [
        {
            "signs": laid_out(text),
            "severity": "none",
            "concerns": [],
            "style": "guide",
            "pair": f"guide-{number}",
            "noticed": False,
        }
        for number, text in enumerate(plain)
    ]
    FOLDER.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(found, file)
        file.flush()
        command = [str(RASA_PYTHON), str(Path(__file__).with_name("weigh_words_fit.py"))]
        done = subprocess.run([*command, file.name, str(FOLDER)], check=False)  # noqa: S603
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
