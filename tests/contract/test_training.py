"""Training: refuses what does not fit, trains only what changed, and gives the same model again."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from app import training
from helpline.settings import PROJECT_ROOT, Settings

pytestmark = pytest.mark.rasa

Run = Callable[..., subprocess.CompletedProcess[str]]
CHECK = ("-m", "bot.server.fit", "--check-only", "--out", "unused.tar.gz")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of everything a model is trained from."""
    for name in ("config.yml", "domain.yml"):
        shutil.copy(PROJECT_ROOT / name, tmp_path / name)
    for name in ("data", "guide_content/topics", "bot"):
        shutil.copytree(PROJECT_ROOT / name, tmp_path / name)
    shutil.copytree(PROJECT_ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def test_the_training_data_fit_together(on_rasas_python: Run, project: Path) -> None:
    """So that each refusal below is due to what it changes."""
    done = on_rasas_python(*CHECK, cwd=project)

    assert done.returncode == 0, done.stderr


def test_a_topic_without_messages_is_refused(on_rasas_python: Run, project: Path) -> None:
    """A declared topic that nobody could ever reach is named."""
    (project / "data/nlu/guide/helplines.yml").unlink()

    done = on_rasas_python(*CHECK, cwd=project)

    assert done.returncode == 1
    assert "helplines: a topic without data/nlu messages" in done.stderr


def test_messages_without_a_topic_are_refused(on_rasas_python: Run, project: Path) -> None:
    """An intent that has no answer is named."""
    (project / "guide_content/topics/who-to-contact/helplines.yml").unlink()

    done = on_rasas_python(*CHECK, cwd=project)

    assert done.returncode == 1
    assert "helplines: data/nlu messages without a topic" in done.stderr


def test_one_message_under_two_topics_is_refused(on_rasas_python: Run, project: Path) -> None:
    """The same words cannot teach two answers; case and punctuation do not hide it."""
    for topic, words in (
        ("helplines", "Who can I ring, then?"),
        ("safer-custody", "who can i ring then"),
    ):
        with (project / f"data/nlu/guide/{topic}.yml").open("a") as file:
            file.write(f"    - {words}\n")

    done = on_rasas_python(*CHECK, cwd=project)

    assert done.returncode == 1
    assert "stands under helplines and safer-custody" in done.stderr


def test_an_importer_that_cannot_be_loaded_stops_the_training(
    on_rasas_python: Run, project: Path
) -> None:
    """Rasa would warn, train without the guide, and call it done."""
    config = project / "config.yml"
    config.write_text(config.read_text().replace("importer.GuideImporter", "importer.GoneImporter"))

    done = on_rasas_python("-m", "bot.server.fit", "--out", "m/m.tar.gz", cwd=project)

    assert done.returncode == 1
    assert "config.yml does not load bot/server/importer.py" in done.stderr
    assert not list((project / "m").glob("*")) if (project / "m").exists() else True


def test_rasa_finds_nothing_to_warn_of(on_rasas_python: Run) -> None:
    """`rasa data validate` passes with warnings counted as errors."""
    done = on_rasas_python(
        "-m", "rasa", "data", "validate", "--fail-on-warnings",
        "--data", "data/nlu", "data/rules", "data/stories",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_the_fingerprint_knows_what_trains_and_what_does_not(project: Path) -> None:
    """A changed wording trains nothing; a changed question, rule, threshold or step does."""
    before = training.fingerprint(project)
    topic = project / "guide_content/topics/who-to-contact/helplines.yml"

    topic.write_text(
        topic.read_text().replace("answers:\n  web: |\n", "answers:\n  web: |\n    Hm. ")
    )
    assert training.fingerprint(project) == before
    (project / "bot/server/serve.py").write_text("# other words")
    assert training.fingerprint(project) == before

    seen = {before}
    for path, old, new in (
        (topic, "questions:\n", "questions:\n- is there someone to ring at night\n"),
        (project / "config.yml", "sure: ", "sure: 0"),
        (project / "data/rules/conversation.yml", "a person is asked for", "a person is wanted"),
        (project / "bot/server/model.py", '"""The', '"""the'),
    ):
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))
        seen.add(training.fingerprint(project))
    assert len(seen) == 5


def test_nothing_changed_trains_nothing(
    assistant_settings: Settings, rasa_server: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the model of this fingerprint in place, no process is even started."""
    assert rasa_server

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(training, "_fit", refuse)

    assert training.train_if_needed(assistant_settings) == training.current_model(
        assistant_settings
    )


def test_the_same_examples_give_the_same_model(on_rasas_python: Run) -> None:
    """Training twice, in another order, ranks every topic with the same chance."""
    script = """
import json, numpy as np
from bot.server.model import Recipe, TopicModel
rng = np.random.default_rng(1)
texts = [f"{w} {i} of the {v}" for i in range(12) for w in ("pill", "visit") for v in ("am", "pm")]
topics = [text.split()[0] for text in texts]
rows = rng.normal(size=(len(texts), 768)).astype("float32")
said = []
for order in (list(range(len(texts))), list(reversed(range(len(texts))))):
    model = TopicModel(Recipe(1.0, 2.0, 2.0, 0.5, 1.0, 0.05))
    model.fit([texts[i] for i in order], rows[order], [topics[i] for i in order])
    said.append(model.probabilities(["pill of the am", "a visit"], rows[:2]).round(6).tolist())
print(json.dumps(said))
"""
    done = on_rasas_python("-c", script)

    first, second = json.loads(done.stdout)
    assert first == second


def test_no_model_is_one_sentence(make_settings: Callable[..., Settings]) -> None:
    """Before the first training the launcher can say what is missing."""
    with pytest.raises(training.TrainingError, match="make train"):
        training.rasa_command(make_settings())
