"""The training messages about danger: read whole, refused where they do not fit, learned from."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.server.dangers import FOLDER, KINDS, fingerprint, read_dangers
from bot.server.passages import LONG_PASSAGE, MOST, SHORTEST, passages
from bot.server.topics import TrainingDataError
from helpline.enums import ConcernKind

GOOD = {"text": "he has chest pain", "concern": "medical_emergency", "severity": "immediate"}
GOOD |= {"concerns": ["medical_emergency"], "style": "plain", "pair": "a-1"}


def write(folder: Path, *rows: dict) -> Path:
    """Write one file of messages."""
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "some.jsonl").write_text(lines, encoding="utf-8")
    return folder


def test_kinds_are_the_cores() -> None:
    """Rasa's interpreter cannot import the core, so the list stands twice."""
    assert set(KINDS) == set(ConcernKind) - {ConcernKind.CHECK_FAILED}


def test_every_message_is_read() -> None:
    """At least 3,000 messages, half of them harmless, every kind at least 300 times."""
    found = read_dangers()
    harmless = sum(not danger.kinds for danger in found)

    assert len(found) >= 3000
    assert 0.45 <= harmless / len(found) <= 0.65
    assert all(sum(kind in danger.kinds for danger in found) >= 300 for kind in KINDS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"concern": "sadness", "concerns": ["sadness"]},
        {"severity": "none"},
        {"severity": "grave"},
        {"concern": None, "concerns": []},
        {"text": "  "},
        {"pair": ""},
    ],
)
def test_a_message_that_does_not_fit_is_refused_by_line(tmp_path: Path, wrong: dict) -> None:
    """An editor learns which line is wrong."""
    with pytest.raises(TrainingDataError, match=r"some\.jsonl, line 2"):
        read_dangers(write(tmp_path, GOOD, GOOD | wrong))


def test_one_text_under_two_labels_is_refused(tmp_path: Path) -> None:
    """The same words cannot be danger and none."""
    none = {"concern": None, "concerns": [], "severity": "none"}

    with pytest.raises(TrainingDataError, match="stands elsewhere"):
        read_dangers(write(tmp_path, GOOD, GOOD | none))


def test_a_change_of_the_messages_is_a_change_of_the_model(tmp_path: Path) -> None:
    """Otherwise Rasa would serve what it learned before."""
    before = fingerprint(write(tmp_path, GOOD))

    assert before != fingerprint(write(tmp_path, GOOD | {"severity": "urgent"}))
    assert fingerprint(FOLDER) == fingerprint(FOLDER)


def test_passages_hold_every_word_of_a_long_text_and_none_of_a_short_one() -> None:
    """Nothing up to the limit is left unread, with punctuation or without."""
    words = [f"w{n}" for n in range(300)]

    assert passages(" ".join(words[: SHORTEST - 1])) == []
    sentences = ". ".join(" ".join(words[n : n + 8]) for n in range(0, 112, 8))
    for text in (" ".join(words), sentences):
        found = passages(text)
        read = {word for passage in found for word in passage.replace(".", "").split()}
        assert read == set(text.replace(".", "").split())
        assert max(len(passage.split()) for passage in found) <= LONG_PASSAGE
    assert len(passages("word " * 5000)) <= MOST


@pytest.mark.rasa
def test_the_model_is_the_same_from_the_same_messages_in_any_order(
    on_rasas_python: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """Saved and loaded it gives the same chances, and tells what it was taught."""
    done = on_rasas_python("-c", _LEARN, str(tmp_path))

    assert done.returncode == 0, done.stderr
    one, loaded, shuffled = (json.loads(line) for line in done.stdout.splitlines()[-3:])
    assert one == loaded
    assert one == pytest.approx(shuffled, abs=2e-3)
    assert min(one[:3]) > 0.5 > max(one[3:])


_LEARN = """
import json, random, sys
from pathlib import Path
import numpy as np
from bot.server.concern_model import ConcernModel, ConcernRecipe
from bot.server.dangers import read_dangers

found = [d for d in read_dangers() if d.style != "buried"][:240]
texts = [d.text.lower() for d in found]
rows = np.random.default_rng(0).normal(size=(240, 768)).astype(np.float32)
rows[:, 0] += [6.0 if d.kinds else -6.0 for d in found]
probe = [i for i, d in enumerate(found) if d.kinds][:3]
probe += [i for i, d in enumerate(found) if not d.kinds][:3]

def learn(order):
    model = ConcernModel(ConcernRecipe(smoothness=1.0, focus=2.0, strength=3.0))
    model.fit([found[i] for i in order], [texts[i] for i in order], rows[order])
    return model

def tell(model):
    judged = model.judge([texts[i] for i in probe], rows[probe])
    print(json.dumps([round(j.danger, 5) for j in judged]))

model = learn(list(range(240)))
tell(model)
model.save(Path(sys.argv[1]))
tell(ConcernModel.load(Path(sys.argv[1])))
mixed = list(range(240))
random.Random(1).shuffle(mixed)
tell(learn(mixed))
"""
