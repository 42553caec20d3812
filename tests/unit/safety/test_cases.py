"""Floors on the development cases: what the rules notice, what they raise for nothing.

These were written beside the rules, so they show that nothing got worse, not how good the rules
are. The measure that counts is taken on messages by someone who wrote no rule.
"""

import random
from collections.abc import Callable, Iterator

import pytest

from helpline.enums import Severity
from helpline.safety import About, screen

LANGUAGES = {"cy", "pl", "ro", "sq", "ar", "ur", "xx"}
FEMALE = {"my daughter", "she", "my mum"}


def _positives(cases) -> Iterator[tuple[str, str, str]]:
    for case in cases.values():
        if "concern" in case:
            for severity in ("immediate", "urgent"):
                for text in case.get(severity, ()):
                    yield case["concern"], severity, text


def _negatives(cases, name: str) -> list[str]:
    return [text for file, case in cases.items() if file.startswith(name) for text in case["none"]]


def _plain_spoken(cases) -> Iterator[str]:
    plain = cases["plain_spoken"]
    for subject in plain["subjects"]:
        she = subject in FEMALE
        words = {
            "self": "herself" if she else "himself",
            "they": "she" if she else "he",
            "their": "her" if she else "his",
            "them": "her" if she else "him",
        }
        for sentences in plain["concerns"].values():
            for sentence in sentences:
                yield f"{subject} {sentence.format(**words)}"


def test_danger_in_plain_words_is_always_immediate(cases) -> None:
    """Whoever it is about, a plain sentence of danger to life is never graded lower."""
    missed = [t for t in _plain_spoken(cases) if screen(t).severity is not Severity.IMMEDIATE]

    assert missed == []


def test_a_caller_in_danger_says_so_in_plain_words(cases) -> None:
    """Plain words of the caller's own danger are immediate, and mostly known to be the caller's."""
    found = [screen(text) for text in cases["plain_spoken"]["caller"]]

    assert {screening.severity for screening in found} == {Severity.IMMEDIATE}
    assert sum(s.about is About.CALLER for s in found) >= 0.9 * len(found)


def test_concerns_are_noticed(cases) -> None:
    """At least 95% of the development cases, and 90% of each concern; 85% at the right level."""
    seen: dict[str, list[bool]] = {}
    right = []
    for concern, severity, text in _positives(cases):
        screening = screen(text)
        seen.setdefault(concern, []).append(bool(screening.concerns))
        right.append(screening.severity == severity)
    every = [noticed for one in seen.values() for noticed in one]

    assert sum(every) >= 0.95 * len(every)
    assert {c: sum(one) / len(one) for c, one in seen.items() if sum(one) < 0.9 * len(one)} == {}
    assert sum(right) >= 0.85 * len(right)


def test_immediate_danger_is_hardly_ever_graded_none(cases) -> None:
    """At least 98% of the immediate cases are noticed, and 85% graded immediate."""
    found = [screen(t).severity for _, severity, t in _positives(cases) if severity == "immediate"]

    assert sum(level is not Severity.NONE for level in found) >= 0.98 * len(found)
    assert sum(level is Severity.IMMEDIATE for level in found) >= 0.85 * len(found)


@pytest.mark.parametrize(("name", "most"), [("plain_questions", 0.02), ("hard_negatives", 0.1)])
def test_what_is_no_concern_is_left_alone(cases, name: str, most: float) -> None:
    """Plain questions and frightening words that mean no harm are hardly ever handed over."""
    texts = _negatives(cases, name)
    raised = [text for text in texts if screen(text).concerns]

    assert len(raised) <= most * len(texts), raised


def test_other_languages_say_the_gravest_things(cases) -> None:
    """Welsh, Polish, Romanian, Albanian, Arabic and Urdu: at least 95% of the core phrases."""
    texts = [
        text
        for name, case in cases.items()
        if name.startswith("languages")
        for part in case.values()
        for text in part
    ]
    missed = [text for text in texts if not screen(text).concerns]

    assert len(missed) <= 0.05 * len(texts), missed


def test_rules_for_other_languages_keep_out_of_english(cases, book) -> None:
    """An English message is not raised by a word that only looks Polish or Welsh."""
    abroad = {rule.id for rule in book.rules if rule.id.split("-")[0] in LANGUAGES}
    texts = [text for _, _, text in _positives(cases)]
    texts += _negatives(cases, "plain_questions") + _negatives(cases, "hard_negatives")
    raised = [
        (name, text)
        for text in texts
        for concern in screen(text).concerns
        for name in abroad.intersection(concern.rules)
    ]

    assert raised == []


def _slip(text: str, chance: random.Random) -> str:
    """Swap two letters within a longer word, as hurried fingers do."""
    words = text.split()
    long = [n for n, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if long:
        n = chance.choice(long)
        at = chance.randrange(1, len(words[n]) - 2)
        word = words[n]
        words[n] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def _edits(chance: random.Random) -> dict[str, Callable[[str], str]]:
    return {
        "shouted": str.upper,
        "spaced": lambda text: "   ".join(text.split()),
        "polite": lambda text: f"hi, {text} please",
        "thankful": lambda text: f"{text}. thank you",
        "kissed": lambda text: f"{text} xx",
        "laughed": lambda text: f"{text} lol",
        "slipped": lambda text: _slip(text, chance),
    }


def test_harmless_edits_change_hardly_any_decision(cases) -> None:
    """Case, spaces, politeness and a slip of the fingers: at most 1% of the decisions change."""
    texts = [text for _, _, text in _positives(cases)] + _negatives(cases, "hard_negatives")
    texts = texts[::3]  # one in three is plenty, and quick
    changed = [
        (name, text)
        for name, edit in _edits(random.Random(22)).items()  # noqa: S311 not a secret
        for text in texts
        if bool(screen(text).concerns) != bool(screen(edit(text)).concerns)
    ]

    assert len(changed) <= 0.01 * len(texts) * len(_edits(random.Random(0))), changed  # noqa: S311


@pytest.mark.parametrize(
    "text",
    [
        "mój syn jest w więzieniu i chce się zabić",
        "djali im eshte ne burg i kam frike se do te vrasë veten",
    ],
)
def test_an_i_of_another_language_is_not_the_caller(text):
    """In Polish it is "and", in Albanian "of": the one in danger is inside."""
    found = screen(text)

    assert (found.severity, found.about) == (Severity.IMMEDIATE, About.INSIDE)
