"""Corrections and replies that say something only in their conversation."""

import pytest

from bot.server.corrections import meant
from bot.server.sayings import loose


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("no i meant the outside hospital", "the outside hospital"),
        ("not that, i meant the dentist please", "the dentist please"),
        ("sorry i meant complain about the officers", "complain about the officers"),
        ("no, its about his glasses", "his glasses"),
        ("that's not what i meant. i'm asking about his tablets", "his tablets"),
        ("i meant the other hospital", "the other hospital"),
    ],
)
def test_a_correction_is_taken_at_what_it_says(said: str, about: str) -> None:
    """What takes back is left out; what is meant stays."""
    assert meant(said) == (about, True)


@pytest.mark.parametrize(
    "said",
    [
        "no one answers the phone",
        "nobody listens to me",
        "how does he see a doctor",
        "sorry",
        "no",
        "it's about his glasses",
        "i mean it",
        "not that it matters but he is in pain",
    ],
)
def test_other_messages_stay_whole(said: str) -> None:
    """A no at the start is not always a correction."""
    assert meant(said) == (said, False)


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("And if she refuses?", "if they refuse"),
        ("but what if he says no", "What if they say no"),
        ("so what's the number please", "whats the number"),
        ("OK then", "ok"),
        ("yes please", "yes"),
    ],
)
def test_what_is_said_in_passing_makes_no_difference(said: str, same: str) -> None:
    """Two that say the same compare equal."""
    assert loose(said) == loose(same)


@pytest.mark.parametrize(("one", "other"), [("ok", "no"), ("go on then", "no"), ("then", "")])
def test_different_replies_stay_different(one: str, other: str) -> None:
    """Leaving out never leaves nothing."""
    assert loose(one) != loose(other)
