"""From a message's words to what is answered: spelling, cuts, and the verdict on chances."""

import pytest

from bot.server.clauses import WORD_BUDGET, split
from bot.server.spelling import tidy
from bot.server.verdict import Thresholds, decide

THRESHOLDS = Thresholds(sure=0.65, half=0.75, among=4, leaning=0.3, plausible=0.03)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("hes   not had his MEDS", "he's not had his medication"),
        ("method own", "methadone"),
        ("safer custard e number", "safer custody number"),
        ("pls help", "please help"),
        ("he\u2019s ill\u0000", "he's ill"),
        ("heeeeelp", "heelp"),
        ("", ""),
    ],
)
def test_spellings_are_mended(said: str, meant: str) -> None:
    """Textspeak and what speech recognition hears become the words the encoder knows."""
    assert tidy(said) == meant


@pytest.mark.parametrize("word", ["metal", "medal", "bromide", "option", "drum", "hospice"])
def test_only_whole_words_are_mended(word: str) -> None:
    """A short form inside a word is left alone."""
    assert tidy(word) == word


def test_mending_twice_changes_nothing() -> None:
    """What is tidy stays as it is, so training and live messages meet."""
    once = tidy("hes been in a wk & still not had his meds, wont talk 2 me coz of data protection")

    assert tidy(once) == once


def test_a_message_is_cut_wherever_it_could_be_two() -> None:
    """Full stops and "also" come first, commas and "and" after them."""
    cuts = split("how does he see a nurse, he is ill. and is there a helpline")

    assert cuts[0] == ("how does he see a nurse, he is ill", "and is there a helpline")
    assert ("how does he see a nurse", "he is ill. and is there a helpline") in cuts


@pytest.mark.parametrize("text", ["", "hello", "he is ill. why", "no, thanks", "." * 500])
def test_short_halves_are_no_questions(text: str) -> None:
    """Nothing is cut off that could not stand alone."""
    assert split(text) == []


def test_long_messages_are_cut_in_fewer_places() -> None:
    """However long the message, its halves together cost no more than the budget."""
    story = "and then he said this, " * 60

    assert split(story) == []
    for text in (story[:200], story[:100]):
        assert sum(len(a.split()) + len(b.split()) for a, b in split(text)) <= WORD_BUDGET


def test_a_sure_topic_is_answered() -> None:
    """At the threshold, not above it."""
    assert decide([("a", 0.65), ("b", 0.35)], [], THRESHOLDS).topics == ("a",)


def test_a_doubtful_topic_is_asked_about() -> None:
    """Candidates come likeliest first, and only those with a chance."""
    reading = decide([("a", 0.64), ("b", 0.31), ("c", 0.04), ("d", 0.01)], [], THRESHOLDS)

    assert reading.topics == ()
    assert reading.leaning == ("a", "b")
    assert reading.plausible == ("a", "b", "c")


WHOLE = [("a", 0.9), ("b", 0.06), ("c", 0.02), ("d", 0.01), ("e", 0.01)]


@pytest.mark.parametrize(
    ("cuts", "topics"),
    [
        ([([("b", 0.8)], [("a", 0.9)])], ("b", "a")),
        ([([("a", 0.9)], [("a", 0.9)])], ("a",)),
        ([([("a", 0.9)], [("b", 0.7)])], ("a",)),
        ([([("a", 0.9)], [("e", 0.9)])], ("a",)),
        ([([("a", 0.8)], [("b", 0.8)]), ([("a", 0.95)], [("c", 0.9)])], ("a", "c")),
    ],
    ids=["two", "the same", "one in doubt", "not in the whole", "the surest cut"],
)
def test_two_questions_need_two_clear_halves(cuts: list, topics: tuple[str, ...]) -> None:
    """Both halves clear, about different topics, and the whole has both among its first four."""
    assert decide(WHOLE, cuts, THRESHOLDS).topics == topics
