"""The word groups, and the laying out of a message for matching."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from helpline.safety import normalise
from helpline.safety.patterns import (
    ANY_WORD,
    Page,
    Pattern,
    parse,
    rarest,
    without_gaps,
)
from helpline.safety.spelling import Speller, Spelling

NUMBER = "<number>"
TODAY = "<today>"
NOT = "not"
_CACHED_FORMS = 8192
# Arabic writes "and" and "the" as part of the next word.
_ARABIC_JOINED = ("و", "ال", "وال", "ف", "ب", "ل")
_BREAKS = (normalise.BOUNDARY, normalise.QUESTION)


@dataclass(frozen=True)
class Words:
    """What the word files hold, checked and ready to be built into a Lexicon."""

    groups: Mapping[str, Sequence[str]]
    spelling: Spelling
    fillers: Iterable[str] = ()
    helpers: Iterable[str] = ()  # verbs that are dropped before a "not"
    misheard: Mapping[str, str] = field(default_factory=dict)


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
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})
        for said, meant in words.misheard.items():
            literals.update(meant.split(), said.split())
        self.fillers = frozenset(words.fillers)
        self.helpers = frozenset(words.helpers)
        self.speller = Speller(
            literals | self.fillers, words.spelling, _literals(other), self._begins
        )
        self._singles: dict[str, list[str]] = {}
        self._levels = self._build_groups(parsed)
        self._misheard = self._build_misheard(words.misheard)
        self._labels = lru_cache(maxsize=_CACHED_FORMS)(self._find_labels)

    def _build_groups(
        self, parsed: Mapping[str, Sequence[Pattern]]
    ) -> list[dict[str, list[tuple[str, tuple[tuple[str, ...], ...]]]]]:
        """Sort group phrases by what they depend on, each under the label to look up first."""
        level_of: dict[str, int] = {NUMBER: -1}
        waiting = dict(parsed)
        rank = 0
        while waiting:
            ready = {
                name: entries
                for name, entries in waiting.items()
                if all(
                    level_of.get(label, rank) < rank
                    for pattern in entries
                    for label in pattern.labels()
                    if label.startswith("<")
                )
            }
            if not ready:  # the loader has already refused unknown groups and circles
                message = f"groups that refer to each other in a circle: {sorted(waiting)}"
                raise ValueError(message)
            level_of.update(dict.fromkeys((f"<{name}>" for name in ready), rank))
            waiting = {name: e for name, e in waiting.items() if name not in ready}
            rank += 1
        levels: list[dict[str, list[tuple[str, tuple[tuple[str, ...], ...]]]]] = [
            {} for _ in range(max(rank, 1))
        ]
        uses = Counter(x for e in parsed.values() for p in e for x in p.labels())
        for name, entries in parsed.items():
            group = f"<{name}>"
            level = levels[level_of[group]]
            for pattern in entries:
                for form in without_gaps(pattern):
                    if len(form) == 1 and not any(x.startswith("<") for x in form[0]):
                        for label in form[0]:
                            self._singles.setdefault(label, []).append(group)
                        continue
                    for label in rarest(pattern, uses):
                        level.setdefault(label, []).append((group, form))
        return levels

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

    def lay_out(
        self, text: str, earlier: Sequence[str] = (), today: str | None = None
    ) -> Page:
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
        ones: dict[str, list[int]] = {}
        breaks = 0
        for at, word in enumerate(words):
            bit = 1 << at
            if word in _BREAKS:
                breaks |= bit
                if word == normalise.QUESTION:
                    ones.setdefault("<asked>", []).append(bit)
                continue
            labels = self._labels(word)
            for label in (*labels, TODAY) if today in labels else labels:
                known = ones.get(label)
                if known is None:
                    ones[label] = [bit]
                else:
                    known.append(bit)
        pause_bits = 0
        for at in pauses:
            pause_bits |= 1 << at
        page = Page(
            words,
            {label: sum(bits) for label, bits in ones.items()},
            {},
            breaks,
            pause_bits,
            now_from,
        )
        page.ones[ANY_WORD] = page.everywhere & ~breaks
        self._find_phrases(page)
        page.work += len(words)
        return page

    def _read_into(self, text: str, words: list[str], pauses: list[int]) -> None:
        read = self.speller.read
        heard: list[str] = []
        for piece in normalise.pieces(text, self.speller.knows):
            if piece in (normalise.BOUNDARY, normalise.QUESTION, normalise.PAUSE):
                heard.append(piece)
            else:
                heard.extend(read(piece))
        at, total = 0, len(heard)
        start = len(words)
        while at < total:
            word = heard[at]
            choices = self._misheard.get(word)
            if choices:
                for said, meant in choices:
                    if tuple(heard[at : at + len(said)]) == said:
                        words.extend(meant)
                        at += len(said)
                        break
                else:
                    choices = None
            if not choices:
                at += 1
                if word == normalise.PAUSE:
                    if len(words) > start:
                        pauses.append(len(words) - 1)
                elif word not in self.fillers:
                    if word == NOT and len(words) > start and words[-1] in self.helpers:
                        words.pop()  # has not, does not, will not and is not are all "not" here
                    words.append(word)

    def _find_phrases(self, page: Page) -> None:
        """Find the phrases of every group, those made of other groups last."""
        for level in self._levels:
            for label in [*page.ones, *page.longs]:
                for group, form in level.get(label, ()):
                    starts = {0: page.everywhere}
                    for labels in reversed(form):
                        page.work += 1
                        found: dict[int, int] = {}
                        for length, mask in page.starts(labels):
                            for rest, after in starts.items():
                                hit = mask & (after >> length)
                                if hit:
                                    found[length + rest] = found.get(length + rest, 0) | hit
                        starts = found
                        if not starts:
                            break
                    else:
                        known = page.longs.setdefault(group, {})
                        for length, mask in starts.items():
                            known[length] = known.get(length, 0) | mask


def _literals(labels: Iterable[str]) -> set[str]:
    """Return the plain words among labels."""
    return {x.lstrip("=") for x in labels if not x.startswith("<") and x[-1] != ANY_WORD}
