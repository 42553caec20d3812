"""The word groups, and the laying out of a message for matching."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from helpline.safety import normalise
from helpline.safety.page import Page
from helpline.safety.patterns import ANY_WORD, RARE, Fit, Pattern, by_rarity, parse, without_gaps
from helpline.safety.spelling import Speller, Spelling

NUMBER = "<number>"
TODAY = "<today>"
ASKED = "<asked>"
NOT = "not"
_CACHED_FORMS = 8192
_SHORTEST_BEGINNING = 3  # the patterns allow no shorter one
# Arabic writes "and" and "the" as part of the next word.
_ARABIC_JOINED = ("و", "ال", "وال", "ف", "ب", "ل")
type _Level = dict[str, list[tuple[str, tuple[Fit, ...]]]]


@dataclass(frozen=True)
class Words:
    """What the word files hold, checked and ready to be built into a Lexicon."""

    groups: Mapping[str, Sequence[str]]
    spelling: Spelling
    fillers: Iterable[str] = ()
    helpers: Iterable[str] = ()  # verbs that are dropped before a "not"
    misheard: Mapping[str, str] = field(default_factory=dict)
    common: Mapping[str, int] = field(default_factory=dict)  # how often in 10,000 words


class Lexicon:
    """Lays a message out: which words carry which labels, which phrases start where."""

    def __init__(
        self, words: Words, patterns: Iterable[Pattern], foreign: Iterable[Pattern] = ()
    ) -> None:
        patterns = list(patterns)
        parsed = {
            name: [pattern for entry in entries for pattern in parse(entry)]
            for name, entries in words.groups.items()
        }
        patterns += [pattern for entries in parsed.values() for pattern in entries]
        written = {x for pattern in patterns for x in pattern.labels()} - {ANY_WORD}
        literals = _literals(written)
        other = {x for pattern in foreign for x in pattern.labels()}
        self._beginnings = {x[:-1]: x for x in written | other if x[-1] == ANY_WORD and len(x) > 1}
        self._first_letters = {beginning[:_SHORTEST_BEGINNING] for beginning in self._beginnings}
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})
        for said, meant in words.misheard.items():
            literals.update(meant.split(), said.split())
        self.fillers = frozenset(words.fillers)
        self.helpers = frozenset(words.helpers)
        self.speller = Speller(
            literals | self.fillers, words.spelling, _literals(other), self._begins
        )
        self.weight = self._weigh_words(words.common)
        self._singles: dict[str, list[str]] = {}
        self._wordings: dict[str, list[tuple[str, tuple[str, ...], frozenset[str]]]] = {}
        self._levels: list[_Level] = []
        self._build_groups(parsed)
        self._misheard = self._build_misheard(words.misheard)
        self._labels = lru_cache(maxsize=_CACHED_FORMS)(self._find_labels)

    def _weigh_words(self, common: Mapping[str, int]) -> dict[str, float]:
        weight: dict[str, float] = {}
        for form, often in common.items():
            for label in (f"={form}", *self.speller.bases(form)):
                weight[label] = weight.get(label, 0) + often
        return weight

    def _build_groups(self, parsed: Mapping[str, Sequence[Pattern]]) -> None:
        """Sort the groups' entries: single words, wordings, and phrases made of other groups.

        Wordings and phrases stand under the label to look for first. Phrases are sorted by what
        they depend on.
        """
        ready = {NUMBER, ASKED, TODAY}
        waiting = dict(parsed)
        while waiting:
            built: _Level = {}
            done = [
                name
                for name, entries in waiting.items()
                if all(
                    label in ready or not label.startswith("<")
                    for pattern in entries
                    for label in pattern.labels()
                )
            ]
            if not done:  # the loader has already refused unknown groups and circles
                message = f"groups that refer to each other in a circle: {sorted(waiting)}"
                raise ValueError(message)
            for name in done:
                entries = waiting.pop(name)
                self.weight[f"<{name}>"] = sum(self._weigh(pattern) for pattern in entries)
                for pattern in entries:
                    for fits in without_gaps(pattern):
                        self._add_entry(f"<{name}>", fits, built)
            ready.update(f"<{name}>" for name in done)
            self._levels.append(built)

    def _weigh(self, pattern: Pattern) -> float:
        """Return how often a group's entry is to be expected, roughly: as its rarest word is."""
        return min(
            sum(self.weight.get(label, RARE) for label in step.fit.labels) for step in pattern.steps
        )

    def _add_entry(self, group: str, fits: tuple[Fit, ...], built: _Level) -> None:
        if any(label.startswith("<") for fit in fits for label in fit.labels):
            for label in by_rarity(fits, self.weight)[0].labels:
                built.setdefault(label, []).append((group, fits))
            return
        for words in product(*(fit.labels for fit in fits)):
            if len(words) == 1:
                self._singles.setdefault(words[0], []).append(group)
            else:
                first = min(
                    (word for word in words if word != ANY_WORD),
                    key=lambda word: self.weight.get(word, RARE),
                )
                self._wordings.setdefault(first, []).append((group, words, frozenset(words)))

    def _build_misheard(
        self, misheard: Mapping[str, str]
    ) -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
        table: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for said, meant in misheard.items():
            words = tuple(said.split())
            table.setdefault(words[0], []).append((words, tuple(meant.split())))
        for choices in table.values():
            choices.sort(key=lambda choice: -len(choice[0]))
        return table

    def _begins(self, form: str) -> list[str]:
        """Return the labels of word beginnings, such as samoboj*, that the form has."""
        if form[:_SHORTEST_BEGINNING] not in self._first_letters:
            return []
        return [
            self._beginnings[form[:length]]
            for length in self._lengths
            if form[:length] in self._beginnings
        ]

    def _find_labels(self, form: str) -> tuple[str, ...]:
        labels = [f"={form}", *self.speller.bases(form), *self._begins(form)]
        if not form.isascii():
            for start in _ARABIC_JOINED:
                if form.startswith(start) and len(form) > len(start) + 1:
                    rest = form[len(start) :]
                    labels += [f"={rest}", *self.speller.bases(rest), *self._begins(rest)]
        if form.isdigit():
            labels.append(NUMBER)
        for label in tuple(labels):
            labels.extend(self._singles.get(label, ()))
        return tuple(dict.fromkeys(labels))

    def lay_out(self, text: str, earlier: Sequence[str] = (), today: str | None = None) -> Page:
        """Read a message, with the earlier ones before it, into a Page.

        `today` is the name of the weekday that means today.
        """
        words: list[str] = []
        pauses: list[int] = []
        for before in earlier:
            self._read_into(before, words, pauses)
            words.append(normalise.BOUNDARY)
        now_from = len(words)
        self._read_into(text, words, pauses)
        masks: dict[str, int] = {}
        for at, word in enumerate(words):
            masks[word] = masks.get(word, 0) | 1 << at
        asked = masks.pop(normalise.QUESTION, 0)
        breaks = asked | masks.pop(normalise.BOUNDARY, 0)
        ones = {ASKED: asked} if asked else {}
        for word, mask in masks.items():
            labels = self._labels(word)
            for label in (*labels, TODAY) if today in labels else labels:
                ones[label] = ones.get(label, 0) | mask
        stops = sum(1 << at for at in set(pauses))
        page = Page(words, ones, breaks=breaks, pauses=stops, now_from=now_from)
        self._find_phrases(page)
        return page

    def _find_phrases(self, page: Page) -> None:
        found: dict[str, dict[int, int]] = {}
        there = page.ones.keys()
        for label in there & self._wordings.keys():
            for group, words, needed in self._wordings[label]:
                if needed <= there and (starts := page.wording(words)):
                    known = found.setdefault(group, {})
                    known[len(words)] = known.get(len(words), 0) | starts
        for group, lengths in found.items():
            page.add_phrases(group, lengths.items())
        for level in self._levels:
            for label in page.spots.keys() & level.keys():
                for group, fits in level[label]:
                    if where := page.phrase(fits):
                        page.add_phrases(group, where)

    def _read_into(self, text: str, words: list[str], pauses: list[int]) -> None:
        """Add the words of a text, and where its writer paused, to those before it."""
        start = len(words)
        for word in self._heard(text):
            if word == normalise.PAUSE:
                if len(words) > start:
                    pauses.append(len(words) - 1)
            elif word not in self.fillers:
                if word == NOT and len(words) > start and words[-1] in self.helpers:
                    words.pop()  # has not, does not, will not and is not are all "not" here
                words.append(word)

    def _heard(self, text: str) -> Iterator[str]:
        """Yield the words meant: misspelt ones put right, and those that software misheard."""
        heard: list[str] = []
        for piece in normalise.pieces(text, self.speller.knows):
            heard += (piece,) if piece in normalise.MARKS else self.speller.read(piece)
        at = 0
        while at < len(heard):
            for said, meant in self._misheard.get(heard[at], ()):
                if tuple(heard[at : at + len(said)]) == said:
                    yield from meant
                    at += len(said)
                    break
            else:
                yield heard[at]
                at += 1


def _literals(labels: Iterable[str]) -> set[str]:
    """Return the plain words among labels."""
    return {x.lstrip("=") for x in labels if not x.startswith("<") and x[-1] != ANY_WORD}
