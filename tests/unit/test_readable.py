"""What can be read at all."""

import pytest

from helpline.readable import unreadable


@pytest.mark.parametrize("text", ["😭😭", "??!", "❤️ 🙏", "..."])
def test_a_message_without_words_gets_its_own_answer(text: str) -> None:
    """No letter and no digit: there is nothing to look up."""
    assert unreadable(text) == "emoji_only"


@pytest.mark.parametrize(
    "text", ["нет инсулина, помогите", "أخي لم يأخذ الأنسولين", "میرا بیٹا جیل میں ہے"]
)
def test_another_script_is_not_fed_a_wrong_english_match(text: str) -> None:
    """The person gets fixed words and a human instead."""
    assert unreadable(text) == "other_language"


@pytest.mark.parametrize(
    "text", ["hes not well 😭", "2", "mae e'n sâl", "José está aquí", "my son Олег is ill in there"]
)
def test_everything_else_goes_on(text: str) -> None:
    """Accents, numbers, a name in another script: the guide may well know."""
    assert unreadable(text) is None
