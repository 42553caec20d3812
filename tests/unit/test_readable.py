"""What can be read at all."""

import pytest

from helpline.readable import is_without_words


@pytest.mark.parametrize("text", ["😭😭", "??!", "❤️ 🙏", "..."])
def test_a_message_without_words_says_nothing(text: str) -> None:
    """No letter and no digit: there is nothing to look up."""
    assert is_without_words(text)


@pytest.mark.parametrize("text", ["hes not well 😭", "2", "أخي", "ok"])
def test_one_letter_or_digit_is_enough(text: str) -> None:
    """Whatever script it is in."""
    assert not is_without_words(text)
