"""Fitting words into texts."""

from hypothesis import given
from hypothesis import strategies as st

from helpline.text_parts import MAX_SEGMENTS, plain, segments, split

MORE = "Reply MORE for the rest."


def test_curly_quotes_and_welsh_letters_become_plain() -> None:
    """One of them would more than double the price and halve the room."""
    assert (
        plain("\u201cDon\u2019t\u201d \u2013 Tŷ\u2019r, façade… • 3")
        == "\"Don't\" - Ty'r, facade... - 3"
    )


def test_another_script_stays() -> None:
    """A worker may write in Urdu; it costs more, and it is worth it."""
    assert plain("آپ کیسے ہیں") == "آپ کیسے ہیں"
    assert segments("آ" * 71) == 2


def test_segments_are_counted_as_carriers_count() -> None:
    """160 alone, 153 joined; 70 and 67 outside GSM-7; some characters cost two."""
    assert [segments("a" * n) for n in (160, 161, 306, 307, 459, 460)] == [1, 2, 2, 3, 3, 4]
    assert segments("€" * 80) == 1
    assert segments("€" * 81) == 2
    assert segments("😀" * 35) == 1
    assert segments("😀" * 36) == 2


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=3000))
def test_every_part_fits_and_nothing_is_lost(words: str) -> None:
    """Whatever is written, in any script."""
    text = plain(words)
    parts = split(text, MORE)

    assert all(segments(part) <= MAX_SEGMENTS for part in parts)
    assert all(part.endswith(f"\n{MORE}") for part in parts[:-1])
    kept = "".join(part.removesuffix(f"\n{MORE}") for part in parts[:-1]) + parts[-1]
    assert "".join(kept.split()) == "".join(text.split())
