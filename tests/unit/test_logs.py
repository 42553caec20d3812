import json
import logging
from enum import StrEnum

import pytest

from app.logs import LineFormatter


class Outcome(StrEnum):
    """An enum as the core has them."""

    ANSWERED = "answered"


def line(name="helpline.turns", message="message answered", args=(), exc_info=None, **extra):
    record = logging.LogRecord(name, logging.INFO, "f.py", 1, message, args, exc_info)
    record.__dict__.update(extra)
    return LineFormatter("web").format(record)


def test_a_line_has_time_level_process_message_and_pairs():
    """An operator reads who did what, in one line."""
    assert line(message_id=7, outcome=Outcome.ANSWERED).endswith(
        " INFO web message answered message_id=7 outcome=answered"
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("text", "he said goodbye"),
        ("name", "Sarah"),
        ("reason", "she has taken all her tablets"),
        ("reason", "Sarah"),
        ("reason", "07700900123"),
        ("message_id", 447700900123),
        ("status", {"body": "he said goodbye"}),
    ],
)
def test_bodies_names_and_numbers_are_refused(key, value):
    """Whatever a hurried change passes to the log, a family's words stay out of it."""
    written = line(**{key if key != "name" else "contact": value})

    assert str(value) not in written
    assert "goodbye" not in written
    assert "refused=" in written


def test_our_own_messages_are_literals():
    """Text cannot slip in through the message's arguments either."""
    written = line(message="got %s", args=("she has taken all her tablets",))

    assert written.endswith("got %s")


def test_an_exception_is_named_but_never_quoted():
    """Exceptions quote what they failed on: a message, a parameter, an address."""
    try:
        try:
            int("he said goodbye")
        except ValueError as error:
            raise RuntimeError("for Sarah on 07700900123") from error
    except RuntimeError as error:
        written = line(exc_info=(type(error), error, error.__traceback__))

    assert "exception=RuntimeError<ValueError" in written
    assert "test_logs.py" in written
    assert not {"goodbye", "Sarah", "07700900123"} & set(written.replace("'", " ").split())


def test_json_lines_hold_the_same():
    """A log collector gets the same keys as a person."""
    record = logging.LogRecord("helpline", logging.INFO, "f.py", 1, "handover asked", (), None)
    record.handover_id = 3

    written = json.loads(LineFormatter("jobs", as_json=True).format(record))

    assert written["process"] == "jobs"
    assert written["handover_id"] == 3


def test_a_line_is_one_line():
    """A line break in another library's message cannot forge an entry."""
    assert "\n" not in line(name="gunicorn.error", message="first\nsecond")
