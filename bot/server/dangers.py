"""Reads the training messages of data/safety, and refuses what does not fit together.

Each line is one message: its `text`, the `concerns` it holds (none for a harmless one), its
`severity`, and its `pair`: two messages of nearly the same words, one dangerous and one not, which
must never be parted when the model is judged on messages it has not seen.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Tuple

from bot.server.topics import TrainingDataError

FOLDER = Path(__file__).parents[2] / "data" / "safety"
KINDS = (
    *("suicide_self_harm", "medical_emergency", "critical_medicine", "violence_abuse"),
    *("mental_health_crisis", "neglect_deterioration", "child_at_risk", "caller_safety", "death"),
)
SEVERITIES = ("none", "urgent", "immediate")


@dataclass(frozen=True)
class Danger:
    """One training message. `kinds` has the main concern first and is empty for a harmless one."""

    text: str
    kinds: Tuple[str, ...]
    severity: str
    style: str
    pair: str


def read_dangers(folder: Path = FOLDER) -> List[Danger]:
    """Return every message under `folder`. Raises TrainingDataError naming each fault by line."""
    faults: List[str] = []
    found: Dict[str, Danger] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                danger = _danger(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                faults.append(f"{path.name}, line {number}: {type(error).__name__}: {error}")
                continue
            key = " ".join(danger.text.lower().split())
            if key in found and found[key].kinds != danger.kinds:
                faults.append(f"{path.name}, line {number}: stands elsewhere with other concerns")
            found.setdefault(key, danger)
    if not found:
        faults.append(f"{folder}: no training messages about danger")
    if faults:
        raise TrainingDataError("\n".join(faults))
    return list(found.values())


def fingerprint(folder: Path = FOLDER) -> str:
    """Return a digest that changes with any of the messages."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.jsonl")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _danger(row: Dict) -> Danger:
    kinds = tuple(dict.fromkeys([row["concern"], *row["concerns"]] if row["concern"] else ()))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        message = f"{unknown[0]} is not a concern"
        raise ValueError(message)
    if row["severity"] not in SEVERITIES or (row["severity"] == "none") == bool(kinds):
        raise ValueError("the severity does not go with the concerns")
    if not row["text"].strip() or not row["pair"]:
        raise ValueError("a text or a pair is missing")
    return Danger(row["text"], kinds, row["severity"], row["style"], row["pair"])
