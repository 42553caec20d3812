"""Rules on the recipe: few openings alike, no give-away word, every kind of message."""

import pytest

from helpline.guide.check_recipe import recipe_findings

FILES = {"nurse": "nurse.yml"}
LONG = " ".join(f"word{n}" for n in range(40))


def _varied(mark: str = "") -> list[str]:
    """Return a hundred messages to the recipe, whose common words every topic shares."""
    fragments = [f"Frag{mark}{n} here please?" for n in range(5)]
    long = [f"Long{mark}{n} and then {LONG}." for n in range(10)]
    heard = [f"heard{mark}{n} it said so to me but nobody came" for n in range(20)]
    plain = [f"Plain{mark}{n} did one{mark}{n} and two, who knows?" for n in range(65)]
    return fragments + long + heard + plain


def _others() -> list[str]:
    return [text for topic in range(20) for text in _varied(f"o{topic}x")]


def _found(messages: list[str], places: frozenset[str] = frozenset()) -> list[str]:
    topics = {"nurse": messages, "rest": _others()}
    return [str(found) for found in recipe_findings(topics, FILES, places)]


def test_the_recipe_can_be_met() -> None:
    """Varied messages of every kind have no findings; topics without a file are not judged."""
    assert _found(_varied()) == []


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        (lambda texts: [f"How do I see{n} one, tell{n}?" for n in range(7)] + texts, "alike"),
        (lambda texts: [f"{text} foot" for text in texts], "without the word that gives it away"),
        (lambda texts: [text for text in texts if "Frag" not in text], "fragments"),
        (lambda texts: [text for text in texts if "Long" not in text], "question buried"),
        (lambda texts: [text for text in texts if "heard" not in text], "speech recognition"),
    ],
)
def test_what_teaches_the_wrong_thing_is_found(changed, rule: str) -> None:
    """The finding names the file, what was counted, the rule and what to write."""
    [line] = _found(changed(_varied()))

    assert line.startswith("nurse.yml: examples: ")
    assert rule in line


def test_a_word_in_half_of_the_messages_is_enough() -> None:
    """Half may name the subject; one more may not."""
    texts = _varied()
    half = [f"{text} foot" if n < 50 else text for n, text in enumerate(texts)]

    assert _found(half) == []
    assert _found([*half[:50], f"{half[50]} foot", *half[51:]])


def test_a_place_gives_nothing_away() -> None:
    """Where somebody is held is part of what happened."""
    texts = [f"{text} swansea" for text in _varied()]

    assert _found(texts)
    assert _found(texts, frozenset({"swansea"})) == []
