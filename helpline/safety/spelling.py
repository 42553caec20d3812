"""From a word as typed to the words it may stand for.

A word is looked up as it is, then as textspeak, then with its letters tidied, and only then as a
slip of the fingers. Every look-up is in a table built at load, so no word costs more than its own
length. Look-alikes of dangerous words ("hurry" is not "hurt") are kept as data beside the words.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"} | {
    "@": "a",
    "$": "s",
    "!": "i",
})  # fmt: skip
_VOWELS = frozenset("aeiouy")
_VOWEL_RUN = re.compile("[aeiouy]+")
_STRETCHED = re.compile(r"(.)\1{2,}")  # reads each letter once
_ONE_SLIP = 5  # words shorter than this keep their letters: one changed letter makes another word
_SWAP_ONLY = 4
_TWO_SLIPS = 8
_LONG = 6
_TOO_FAR_APART = 4
_LONGEST = 24  # no word of ours is longer; what is longer is not guessed at
_SHORTEST_HALF = 3
_SHORTEST_STEM = 3
_CACHED_WORDS = 8192


def inflect(base: str) -> set[str]:
    """Return the regular forms a word may take: kick, kicks, kicked, kicking, kickin."""
    forms = {base}
    if len(base) < _SHORTEST_STEM or not base.isalpha() or not base.isascii():
        return forms
    forms.add(base + "s")
    if base.endswith("e"):
        stems = [base[:-1]]
    elif base.endswith("y") and base[-2] not in _VOWELS:
        return forms | {base[:-1] + "ies", base[:-1] + "ied", base + "ing", base + "in"}
    else:
        if base.endswith(("s", "x", "z", "ch", "sh", "o")):
            forms.add(base + "es")
        doubled = base[-1] not in "aeiouwxyhs" and base[-2] in _VOWELS and base[-3] not in _VOWELS
        if not doubled:
            stems = [base]
        elif _VOWEL_RUN.sub("a", base).count("a") == 1:
            stems = [base + base[-1]]  # cut, cutting
        else:
            stems = [base, base + base[-1]]  # vomit, vomiting; refer, referring
    return forms | {stem + end for stem in stems for end in ("ed", "ing", "in")}


@dataclass(frozen=True)
class Spelling:
    """The tables behind one set of word lists, as data an editor can read.

    irregular: base word to its irregular forms. textspeak: a typed form to the words it stands
    for. uninflected: words with no other forms. look_alikes: ordinary words never to be read as a
    slip. guess: words so important that a letter missed, added or changed is forgiven. far: those
    in which two slips are.
    """

    irregular: Mapping[str, Iterable[str]] = field(default_factory=dict)
    textspeak: Mapping[str, str] = field(default_factory=dict)
    uninflected: Iterable[str] = ()
    look_alikes: Iterable[str] = ()
    guess: Iterable[str] = ()
    far: Iterable[str] = ()


class Speller:
    """Knows every form of every word in the lists, and what is probably meant by one it lacks."""

    def __init__(
        self,
        words: Iterable[str],
        tables: Spelling,
        foreign: Iterable[str] = (),
        begins: Callable[[str], Sequence[str]] = lambda _: (),
    ) -> None:
        self._begins = begins
        english = set(words)
        self._bases = english | set(foreign)
        for meant in tables.textspeak.values():
            self._bases.update(meant.split())
        self._textspeak = {said: tuple(meant.split()) for said, meant in tables.textspeak.items()}
        self._forms = self._build_forms(tables, english)
        self._plain = frozenset(tables.look_alikes)
        far = set(tables.far)
        self._guess = set(tables.guess) | far
        self._known = self._forms.keys() | self._textspeak.keys()
        self._one = self._build_slips(english)
        self._far: dict[str, list[tuple[str, int]]] = {}
        for form in sorted(far):
            self._far.setdefault(form[0], []).append((form, _letters(form)))
        # Words repeat; the cache is bounded and holds single words, never a message.
        self.read = lru_cache(maxsize=_CACHED_WORDS)(self._read)

    def _build_forms(self, tables: Spelling, english: set[str]) -> dict[str, tuple[str, ...]]:
        forms: dict[str, list[str]] = {base: [base] for base in sorted(self._bases)}
        fixed = set(tables.uninflected)
        irregular = {form: base for base, shapes in tables.irregular.items() for form in shapes}
        for form, base in irregular.items():
            if base in self._bases and base not in forms.setdefault(form, []):
                forms[form].append(base)
        for base in sorted(english - fixed):
            for form in sorted(inflect(base)):
                # A form that is quite another word stays that word: "evening" is not "even".
                if form not in fixed and (form not in irregular or irregular[form] == base):
                    known = forms.setdefault(form, [])
                    if base not in known:
                        known.append(base)
        return {form: tuple(bases) for form, bases in forms.items()}

    def _build_slips(self, english: set[str]) -> dict[str, list[str]]:
        """Index every English form by itself with one letter left out."""
        one: dict[str, list[str]] = {}
        known = [form for form, bases in self._forms.items() if not english.isdisjoint(bases)]
        for form in {*known, *self._textspeak}:
            if form.isalpha() and form.isascii() and _SWAP_ONLY <= len(form) <= _LONGEST:
                for key in _without_one(form):
                    one.setdefault(key, []).append(form)
        return one

    def knows(self, word: str) -> bool:
        """Say whether the lists hold this very form."""
        return word in self._known

    def bases(self, form: str) -> tuple[str, ...]:
        """Return the base words of a form in the lists, or the form itself."""
        return self._forms.get(form, (form,))

    def _read(self, typed: str) -> tuple[str, ...]:
        """Return the words a typed word stands for: usually one, and itself when it is unknown."""
        straight = typed.replace("'", "")
        for form in (typed, straight):
            if form in self._textspeak:
                return self._textspeak[form]
            if form in self._forms:
                return (form,)
        if straight in self._plain or any(len(x) > _ONE_SLIP for x in self._begins(straight)):
            return (straight,)
        if straight.isdigit():
            return (straight,)
        return self._tidied(straight)

    def _tidied(self, word: str) -> tuple[str, ...]:
        """Undo stretched letters, figures for letters, and glued words; last, guess at a slip."""
        if not word.isalpha():
            decoded = word.replace("*", "").translate(_LEET)
            if self.knows(decoded):
                return self.read(decoded)
            parts = _split_at_figures(word)
            if len(parts) > 1:
                return tuple(meant for part in parts for meant in self.read(part))
            word = decoded
        for fewer in _squeezed(word):
            if self.knows(fewer):
                return self.read(fewer)
            word = fewer if len(fewer) >= _SWAP_ONLY else word
        if word in self._plain:
            return (word,)
        guessed = self.guess(word)
        if guessed is not None:
            return self._textspeak.get(guessed, (guessed,))
        return self._unglued(word)

    def _unglued(self, word: str) -> tuple[str, ...]:
        if len(word) <= _LONGEST:
            for cut in range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1):
                left, right = word[:cut], word[cut:]
                # "cantbreathe" is two words, and so is "airline"; only the first matters here.
                if self.knows(left) and self.knows(right) and self._matters(left, right):
                    return (*self.read(left), *self.read(right))
        return (word,)

    def _matters(self, *halves: str) -> bool:
        return any(
            half in self._guess or (len(half) > _SHORTEST_HALF and len(self.read(half)) > 1)
            for half in halves
        )

    def guess(self, word: str) -> str | None:
        """Return the listed form this word is one slip away from, or two for the gravest words.

        Any word may have two letters swapped, or one doubled. A letter missed, added or changed is
        forgiven in long words and in those listed for it: in most short ones it makes another word.
        """
        if not (_SWAP_ONLY <= len(word) <= _LONGEST) or not word.isascii():
            return None
        shorter = _without_one(word)
        near = {form for key in self._one.keys() & {word, *shorter} for form in self._one[key]}
        near |= shorter & self._known
        fits = [
            (form not in self._guess, slip, form not in self._bases, -len(form), form)
            for form in near
            if form[0] == word[0] and (slip := self._slip(word, form)) is not None
        ]
        if fits:
            return min(fits)[-1]
        return self._guess_far(word, shorter) if len(word) >= _TWO_SLIPS - 1 else None

    def _guess_far(self, word: str, shorter: set[str]) -> str | None:
        letters = _letters(word)
        for form, of_form in self._far.get(word[0], ()):
            # Two slips change at most four letters of the set; few words come past this.
            if (letters ^ of_form).bit_count() > _TOO_FAR_APART or abs(len(form) - len(word)) > 2:  # noqa: PLR2004
                continue
            once = _without_one(form)
            mine = {word, *shorter, *(cut for short in shorter for cut in _without_one(short))}
            if not mine.isdisjoint({form, *once, *(c for o in once for c in _without_one(o))}):
                return form
        return None

    def _slip(self, typed: str, form: str) -> int | None:
        """Return how unlikely the slip from a form to what was typed is, None for too unlikely."""
        short, long = sorted((typed, form), key=len)
        if len(long) - len(short) > 1 or len(short) < _SWAP_ONLY:
            return None
        start = 0
        while start < len(short) and short[start] == long[start]:
            start += 1
        listed = len(form) >= _LONG or (form in self._guess and len(form) >= _ONE_SLIP)
        if len(short) != len(long):
            if short[start:] != long[start + 1 :]:
                return None
            if start > 0 and long[start] == long[start - 1]:
                return 0  # a letter doubled, or a double one missed
            return 1 if listed else None
        swapped = short[start : start + 2] == long[start : start + 2][::-1]
        if swapped and short[start + 2 :] == long[start + 2 :]:
            return 0
        return 1 if listed and short[start + 1 :] == long[start + 1 :] else None


def _letters(word: str) -> int:
    """Return the letters of an ASCII word as a set of bits."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits


def _without_one(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def _squeezed(word: str) -> Iterable[str]:
    """Yield the word with letters stretched for effect cut to two, then to one."""
    if _STRETCHED.search(word):
        twice = _STRETCHED.sub(r"\1\1", word)
        yield twice
        yield word[0] + "".join(b for a, b in pairwise(twice) if a != b)


def _split_at_figures(word: str) -> list[str]:
    """Split "14yo" or "6days" where figures meet letters."""
    parts: list[str] = []
    for letter in word:
        if not letter.isalnum():
            continue
        if parts and parts[-1][-1].isdigit() == letter.isdigit():
            parts[-1] += letter
        else:
            parts.append(letter)
    return parts
