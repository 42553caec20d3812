"""Rules on how training messages are written, so that topics are known by their situations.

A model learns what is easiest: an opening that a writer repeats, or one word that gives the topic
away. Families use neither. The shares are those of the recipe, with room for miscounting.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from helpline.guide.check_report import Finding

OPENING_WORDS: Final = 3
MAX_SAME_OPENING: Final = 0.06
MAX_GIVEN_AWAY: Final = 0.5
GIVES_AWAY_FROM: Final = 0.1  # of a topic's messages; a rarer word teaches little
GIVES_AWAY_TIMES: Final = 20  # likelier here than in all other topics together
FRAGMENT_WORDS: Final = range(2, 6)
LONG_FROM_WORDS: Final = 35
MIN_SHARES: Final[Mapping[str, float]] = {
    "fragments of two to five words": 0.04,
    "long messages with the question buried": 0.07,
    "messages as speech recognition writes them": 0.15,
}
COUNTED_FROM: Final = 30  # messages; below that a share says nothing

_NOT_WORD: Final = re.compile(r"[^a-z0-9 ]+")
_MARK: Final = re.compile(r"[.,?!;:]")


def recipe_findings(
    messages: Mapping[str, Sequence[str]],
    files: Mapping[str, str],
    places: AbstractSet[str] = frozenset(),
) -> Iterator[Finding]:
    """Give the faults of guide topics' `messages`, by topic; `files` names each topic's file.

    Words that give a topic away are judged against all other topics in `messages`. `places`, small
    letters, never do: where somebody is held is part of what happened.
    """
    standing = {topic: _standing(texts) for topic, texts in messages.items()}
    for counts in standing.values():
        for place in places:
            counts.pop(place, None)
    everywhere = sum(standing.values(), Counter[str]())
    total = sum(map(len, messages.values()))
    for topic, texts in messages.items():
        if len(texts) < COUNTED_FROM or topic not in files:
            continue
        rest = _Rest(everywhere - standing[topic], total - len(texts))
        for value, rule, fix in [
            *_openings(texts),
            *_given_away(texts, standing[topic], rest),
            *_shares(texts),
        ]:
            yield Finding(files[topic], "examples", value, rule, fix)


class _Rest:
    """How often words stand in the messages of all other topics."""

    def __init__(self, counts: Counter[str], messages: int) -> None:
        self._counts = counts
        self._messages = max(messages, 1)

    def share(self, word: str) -> float:
        """Return the share of messages with `word`; one message at least, for what is unseen."""
        return max(self._counts[word], 1) / self._messages


def _openings(texts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    openings = Counter(" ".join(_words(text)[:OPENING_WORDS]) for text in texts)
    opening, count = openings.most_common(1)[0]
    if count > max(2, MAX_SAME_OPENING * len(texts)):
        value = f"{count} of {len(texts)} messages open with {opening!r}"
        yield value, f"at most {MAX_SAME_OPENING:.0%} alike", "Begin some of them another way"


def _given_away(
    texts: Sequence[str], standing: Counter[str], rest: _Rest
) -> Iterator[tuple[str, str, str]]:
    telling = {
        word
        for word, count in standing.items()
        if count >= GIVES_AWAY_FROM * len(texts)
        and count / len(texts) > GIVES_AWAY_TIMES * rest.share(word)
    }
    with_one = sum(bool(telling & set(_words(text))) for text in texts)
    if with_one > MAX_GIVEN_AWAY * len(texts):
        value = f"{with_one} of {len(texts)} messages hold one of {sorted(telling)}"
        rule = "at least half tell what happened without the word that gives it away"
        yield value, rule, "Tell the situation, not the subject"


def _shares(texts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    lengths = [len(_words(text)) for text in texts]
    counts = (
        sum(length in FRAGMENT_WORDS for length in lengths),
        sum(length >= LONG_FROM_WORDS for length in lengths),
        sum(text == text.lower() and not _MARK.search(text) for text in texts),
    )
    for (name, share), count in zip(MIN_SHARES.items(), counts, strict=True):
        if count < share * len(texts):
            value = f"{count} of {len(texts)} are {name}"
            yield value, f"at least {share:.0%}", "Write more of these"


def _standing(texts: Sequence[str]) -> Counter[str]:
    """Return in how many of `texts` each word stands."""
    return Counter(word for text in texts for word in set(_words(text)))


def _words(text: str) -> list[str]:
    lower = text.lower().replace("'", "").replace("\u2019", "")
    return _NOT_WORD.sub(" ", lower).split()
