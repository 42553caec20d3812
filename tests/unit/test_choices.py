"""What counts as picking one of the offered choices."""

import pytest

from helpline.choices import resolve
from helpline.guide.replies import Choice

CHOICES = (
    Choice(label="Getting medicine on arrival", payload="/medication-on-arrival"),
    Choice(label="Seeing a doctor or nurse", payload="/seeing-doctor-or-nurse"),
    Choice(label="Something else", payload="/something-else"),
)


@pytest.mark.parametrize(
    ("said", "payload"),
    [
        ("1", "/medication-on-arrival"),
        ("2.", "/seeing-doctor-or-nurse"),
        ("the second one please", "/seeing-doctor-or-nurse"),
        ("number one", "/medication-on-arrival"),
        ("B", "/seeing-doctor-or-nurse"),
        ("last one", "/something-else"),
        ("seeing a DOCTOR or nurse", "/seeing-doctor-or-nurse"),
        ("the doctor one", "/seeing-doctor-or-nurse"),
        ("the one about the medicines please", "/medication-on-arrival"),
    ],
)
def test_a_plain_pick_is_understood(said: str, payload: str) -> None:
    """A number, its word, its place or the label itself picks the choice."""
    picked = resolve(said, CHOICES)

    assert picked is not None
    assert picked.payload == payload


@pytest.mark.parametrize(
    "said",
    [
        "2 days without insulin",
        "9",
        "one of the nurses hit him",
        "",
        "no",
        "the doctor",
        "a week",
        "no one",
        "the other one",
        "not that one",
    ],
)
def test_anything_more_than_a_pick_is_a_message(said: str) -> None:
    """A sentence that happens to hold a number reaches the screen and the guide as it is."""
    assert resolve(said, CHOICES) is None


def test_nothing_offered_nothing_picked() -> None:
    """A lone number with no question before it picks nothing."""
    assert resolve("1", ()) is None
