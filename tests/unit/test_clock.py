"""How clock times are said."""

from datetime import UTC, datetime

import pytest

from helpline.clock import clock_words

NOW = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 21, 14, 15, tzinfo=UTC), "2:15 pm today"),
        (datetime(2026, 11, 21, 15, 0, tzinfo=UTC), "3 pm today"),
        (datetime(2026, 11, 22, 9, 5, tzinfo=UTC), "9:05 am tomorrow (Sunday 22 November)"),
        (datetime(2026, 11, 24, 0, 30, tzinfo=UTC), "12:30 am on Tuesday 24 November"),
    ],
)
def test_times_are_said_in_words(moment: datetime, words: str) -> None:
    """Families hear a clock time and, when it is not today, the day."""
    assert clock_words(moment, NOW) == words


def test_summer_time_is_london_time() -> None:
    """In July London is an hour ahead of UTC."""
    july = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)

    assert clock_words(july, july) == "10 am today"
