"""`make explain`: the votes add up, and the messages that pulled are named."""

from io import StringIO

import pytest
from rich.console import Console

from app.explain import ExplanationError, explain, tables

pytestmark = pytest.mark.rasa

TEXT = "pls how does he get 2 see a docter in there, and is there a helpline i can ring"


@pytest.fixture(scope="module")
def found(assistant_settings, rasa_server):
    """The explanation of one message by the model that is served."""
    return explain(assistant_settings, TEXT)


def test_it_shows_what_was_read(found) -> None:
    """Mended words, in the pieces the encoder knows."""
    assert found["tidied"].startswith("please how does he get")
    assert "doctor" in found["tokens"]


def test_the_votes_add_up_to_the_order_of_the_topics(found) -> None:
    """Higher score, higher chance."""
    scores = [sum(topic["votes"].values()) for topic in found["topics"]]
    chances = [topic["chance"] for topic in found["topics"]]

    assert scores == sorted(scores, reverse=True)
    assert chances == sorted(chances, reverse=True)


def test_it_reads_as_the_served_model_does(found, rasa_assistant) -> None:
    """The explanation is of the model that answers families, not of another."""
    live = rasa_assistant.parse(TEXT)

    assert found["topics"][0]["topic"] == live["intent_ranking"][0]["name"]
    assert found["topics"][0]["chance"] == pytest.approx(
        live["intent_ranking"][0]["confidence"], abs=0.001
    )
    assert list(found["reading"]["topics"]) == live["reading"]["topics"]


def test_training_messages_are_named_with_their_topic(found) -> None:
    """Those that pulled it there, and those nearest."""
    assert found["messages_known"]
    best = found["topics"][0]
    assert best["topic"] in [its_topic for _, its_topic, _ in best["pulled_by"]]
    assert len(found["nearest"]) == 5


def test_staff_see_plain_tables(found) -> None:
    """Verdict, topics, messages and halves, all in one print."""
    console = Console(width=200, record=True, file=StringIO())
    console.print(tables(found))
    shown = console.export_text()

    for words in ("verdict", "Likely topics", "Training messages", "First half", "answered from"):
        assert words in shown


def test_a_model_that_cannot_be_read_is_one_sentence(assistant_settings, rasa_server, tmp_path):
    """No trace of Python for staff."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "current").write_text("broken.tar.gz")
    (tmp_path / "models" / "broken.tar.gz").write_bytes(b"not a model")
    broken = assistant_settings.model_copy(update={"var_dir": tmp_path})

    with pytest.raises(ExplanationError, match="train it again"):
        explain(broken, "hello")
