"""The glossary: finding the prison and NHS words that a message asks about.

Many names of terms are everyday words or a few letters ("app", "act", "ip"). Those are found only
where the message asks what they mean; a long, unmistakable name is found wherever it stands.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from helpline.enums import Channel
from helpline.guide.content import Term, TermList

SHORT: Final = 4
"""Names of up to this many letters are found only where their meaning is asked for."""

_MISSPELT_FROM: Final = 6  # letters; a shorter word is too close to too many others
_MISSPELT_SCORE: Final = 84
_BREAK: Final = "|"
_QUOTES: Final = re.compile("['\u2019\u2018`]")
_SPELT: Final = re.compile(r"\b(?:[a-z]\.){2,}")
_STOP: Final = re.compile(r"[.,;:!?()\[\]\n]+|\s[-\u2013\u2014]+\s")
_NOT_WORD: Final = re.compile(r"[^a-z0-9|]+")

# Words that may stand between "what does" and the word that is asked about.
_BESIDE: Final = frozenset(
    {"a", "an", "the", "this", "that", "these", "those", "any", "his", "her", "their", "my", "our",
     "your", "some", "word", "words", "letters", "term", "called", "so", "um", "er", "being", "be",
     "put", "putting", "getting", "on", "in", "to", "just", "actually", "even", "exactly", "all"}
)  # fmt: skip
_MEAN: Final = frozenset({"mean", "means", "meen", "meaning", "meant", "stand", "stands", "stnd"})
_BE: Final = frozenset({"is", "are", "was", "s", "mean", "means", "stand", "stands"})
_WHAT: Final = frozenset({"what", "wat", "wot", "who", "whats", "wats", "wots", "whos"})
_OPENINGS: Final = (
    "meaning of", "definition of", "define", "explain", "meant by", "mean by", "mean", "means",
    "heard of", "difference between", "diffrence between", "stand for", "stands for",
    "know what", "idea what",
)  # fmt: skip
_QUESTION: Final = tuple(f"{w} {v}" for w in ("what", "wat", "wot", "who") for v in ("is", "are"))
_QUESTIONS: Final = (*_QUESTION, "whats", "wats", "wots", "whos", "what s", "who s", "what was")
# What may follow "what is <term>" when the term is all that is asked about.
_AFTER: Final = frozenset(
    {_BREAK, "mean", "means", "please", "pls", "plz", "and", "or", "then", "when", "anyway", "do",
     "does", "for", "exactly", "in", "he", "she", "they", "thats", "supposed"}
)  # fmt: skip
_JOINS: Final = frozenset({_BREAK, "and", "or", "a", "an", "the", "also", "plus", "n", "vs"})
_FILLER: Final = _JOINS | {"please", "pls", "plz", "hi", "hello", "hiya", "meaning", "er", "um"}
# Letters that everybody knows, and words that are asked about in passing ("what does that mean").
_NO_RIDDLE: Final = frozenset({"NHS", "GP", "UK", "OK", "TV", "PC", "AM", "PM", "MP"})
_NO_TERM: Final = (
    _BESIDE | _MEAN | _BE | _WHAT | _JOINS | {"it", "they", "them", "he", "she", "you", "i", "we",
    "do", "does", "did", "jargon", "abbreviation", "abbreviations", "initials", "everything",
    "something", "anything", "things", "stuff", "please", "when", "how", "why", "where", "said"}
)  # fmt: skip
_SAID_OF: Final = frozenset({"word", "term", "letters"})
_IN_QUOTES: Final = re.compile('["\u201c]([^"\u201c\u201d]{1,60})["\u201d]')
_CAPITALS: Final = re.compile(r"\b[A-Z][A-Z0-9]{1,7}\b")
_POINTING_BACK: Final = re.compile(
    r"(?:^| )(?:(?:what|wat|wot|who) (?:is|are|s|does|do|did|was)|whats|wats|wots|whos)"
    r" (?:that|it|this|they|those|these|them)(?: |$)"
    r"|(?:^| )(?:what|who) (?:that|it|this|they|those|these) (?:is|are|means?|meant|stands?)(?: |$)"
)


@dataclass(frozen=True)
class _Name:
    term: Term
    needs_question: bool


@dataclass(frozen=True)
class _Found:
    """A name in a message: its words are `words[start:end]`."""

    start: int
    end: int
    name: _Name


class Glossary:
    """The terms of the guide, ready to be found in what families write."""

    def __init__(self, terms: TermList) -> None:
        self.terms = terms
        everyday = {_key(name) for name in terms.everyday}
        self._names: dict[str, _Name] = {}
        for term in terms.terms:
            for name in map(_key, names(term)):
                short = len(name.replace(" ", "")) <= SHORT
                self._names.setdefault(name, _Name(term, short or name in everyday))
        self._longest = max((name.count(" ") + 1 for name in self._names), default=0)
        self._long_names = [n for n in self._names if len(n) >= _MISSPELT_FROM]

    def find(self, text: str) -> tuple[Term, ...]:
        """Return the terms that `text` asks about, each once, in its order.

        Where it asks what words mean, those; one of them misspelt is still known. Otherwise the
        terms it names by a long name that means nothing else, in quotes or in capitals.
        """
        words = _words(text)
        found = self._named(words)
        asked = _asked(words, found)
        if not asked and not found:
            asked = list(self._misspelt(words))
        chosen = asked or [each for each in found if not each.name.needs_question]
        if not asked:
            chosen += self._set_apart(text)
        return tuple({each.name.term.id: each.name.term for each in chosen}.values())

    def asks(self, text: str) -> bool:
        """Whether `text` asks for the meaning of a term that is known here."""
        words = _words(text)
        found = self._named(words)
        return bool(_asked(words, found) or (not found and list(self._misspelt(words))))

    def asks_unknown(self, text: str) -> bool:
        """Whether `text` asks for the meaning of one word or group of letters that is not known.

        False when a term is found, and for a message that asks about words in general.
        """
        if self.find(text):
            return False
        shouted = sum(map(str.isupper, text)) > sum(map(str.islower, text))
        if not shouted and set(_CAPITALS.findall(text)) - _NO_RIDDLE:
            return True
        words = _words(text)
        return any(
            len(word) > 1 and word not in _NO_TERM and _is_asked(words, at, at + 1)
            for at, word in enumerate(words)
        )

    def _set_apart(self, text: str) -> list[_Found]:
        """Return the names that stand in quotes, in capitals or after "the word"."""
        shouted = sum(map(str.isupper, text)) > sum(map(str.islower, text))
        parts = _IN_QUOTES.findall(text) + ([] if shouted else _CAPITALS.findall(text))
        found = [each for part in parts for each in self._named(_words(part))]
        words = _words(text)
        return found + [f for f in self._named(words) if words[max(0, f.start - 1)] in _SAID_OF]

    def _named(self, words: Sequence[str]) -> list[_Found]:
        """Return the names that stand in `words`, longest first where they overlap."""
        found = []
        start = 0
        while start < len(words):
            for length in range(min(self._longest, len(words) - start), 0, -1):
                name = self._names.get(" ".join(words[start : start + length]))
                if name is not None:
                    found.append(_Found(start, start + length, name))
                    start += length
                    break
            else:
                start += 1
        return found

    def _misspelt(self, words: Sequence[str]) -> Iterator[_Found]:
        """Give the one name that stands, misspelt, where a question asks for a meaning."""
        for start in range(len(words)):
            for end in range(min(len(words), start + 3), start, -1):
                said = " ".join(words[start:end])
                if len(said) < _MISSPELT_FROM or _BREAK in said:
                    continue
                if not _is_asked(words, start, end):
                    continue
                close = process.extractOne(
                    said, self._long_names, scorer=fuzz.ratio, score_cutoff=_MISSPELT_SCORE
                )
                if close is not None:
                    yield _Found(start, end, self._names[close[0]])
                    return


def names(term: Term) -> Iterator[str]:
    """Give every name of a term: each half of "App or application", short and full, aliases.

    "INQUEST (the charity)" only tells two terms apart, and adds no name.
    """
    short, _, full = term.term.removesuffix(")").partition(" (")
    if not full.startswith("the "):
        yield from short.split(" or ")
        if full:
            yield full
    yield from term.aliases


def spoken(term: Term, channel: Channel) -> str:
    """Return a term as it is written or said: for the ear, a comma in place of brackets."""
    if channel is not Channel.VOICE:
        return term.term
    return term.term.replace(" (", ", ").removesuffix(")")


def glossary_faults(glossary: TermList) -> Iterator[str]:
    """Give what is wrong in a glossary that the schema accepts, each as "field: reason"."""
    if glossary.review_by < glossary.reviewed_on:
        yield "review_by: is before reviewed_on"
    owners: dict[str, str] = {}
    seen: set[str] = set()
    for term in glossary.terms:
        if term.id in seen:
            yield f"terms.{term.id}: two terms have this id"
        seen.add(term.id)
        if "{" in term.meaning or "**" in term.meaning:
            yield f"terms.{term.id}.meaning: is plain words, without tokens and Markdown"
        for name in sorted(set(map(_key, names(term)))):
            owner = owners.setdefault(name, term.id)
            if owner != term.id:
                yield f"terms.{term.id}.aliases: {name!r} is a name of {owner!r} too"
    known = owners.keys()
    for name in sorted(glossary.everyday):
        if _key(name) not in known:
            yield f"everyday: {name!r} is not a name of any term"


def _key(name: str) -> str:
    return " ".join(_words(name))


def _words(text: str) -> list[str]:
    """Return the words of `text` as names are compared; "|" where a clause ends."""
    lower = _QUOTES.sub("", text.lower()).replace("&", " and ")
    lower = _SPELT.sub(lambda match: match[0].replace(".", "") + " ", lower)
    return _NOT_WORD.sub(" ", _STOP.sub(f" {_BREAK} ", lower)).split()


def _asked(words: Sequence[str], found: Sequence[_Found]) -> list[_Found]:
    """Return those of `found` whose meaning the message asks for."""
    if not found:
        return []
    asked = {index for index, f in enumerate(found) if _is_asked(words, f.start, f.end)}
    if not asked:
        asked = _pointed_at(words, found)
    if not asked and _is_bare(words, found):
        asked = set(range(len(found)))
    pairs = [(index, index + 1) for index in range(len(found) - 1)]
    for one, other in [*pairs, *((right, left) for left, right in reversed(pairs))]:
        left, right = sorted((one, other))  # "what is the imb and the ppo", also from the right
        if one in asked and set(words[found[left].end : found[right].start]) <= _JOINS:
            asked.add(other)
    return [found[index] for index in sorted(asked)]


def _is_asked(words: Sequence[str], start: int, end: int) -> bool:
    """Whether the words around `words[start:end]` ask what it means."""
    at = start
    while at > 0 and words[at - 1] in _BESIDE:
        at -= 1
    before = " ".join(words[:at]).split(f" {_BREAK} ")[-1]
    opening = " ".join(word for word in words[:at] if word != _BREAK)
    after = words[end : end + 3]
    if any(_ends(opening, phrase) for phrase in _OPENINGS):
        return True
    last = words[at - 1] if at else ""
    if last in _WHAT and after[:1] and after[0] in _BE:
        return True
    alone = not after or after[0] in _AFTER
    if alone and any(_ends(before, phrase) for phrase in _QUESTIONS):
        return True
    close = after[: after.index(_BREAK)] if _BREAK in after else after
    said_aside = {"i", "you"} & set(close)
    if _MEAN & set(close) and not said_aside:
        return True
    return close[:1] == ["do"] and (len(after) == 1 or after[1] == _BREAK) and "what do" in before


def _ends(text: str, phrase: str) -> bool:
    return text == phrase or text.endswith(f" {phrase}")


def _pointed_at(words: Sequence[str], found: Sequence[_Found]) -> set[int]:
    """Return the name that "what is that?" points back to, or forward when it opens the text."""
    text = " ".join(words)
    pointing = _POINTING_BACK.search(text)
    if pointing is None:
        return set()
    at = len(text[: pointing.start()].split())
    before = [index for index, each in enumerate(found) if each.end <= at]
    return {before[-1]} if before else {0}


def _is_bare(words: Sequence[str], found: Sequence[_Found]) -> bool:
    """Whether the message is nothing but names of terms."""
    named: set[int] = set()
    for each in found:
        named |= set(range(each.start, each.end))
    return all(word in _FILLER for index, word in enumerate(words) if index not in named)
