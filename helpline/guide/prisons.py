"""Finding the prison that a family names: in their spelling, by nickname, or not at all.

Three kinds of names need care and are listed in contacts/names.yml: names that several prisons
share (ask which), ordinary words such as "send" (only with "HMP" or "prison", or as the answer to
"which prison?"), and towns (only when the words around say so; see prison_cues).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from helpline.guide.content import ContactBook, Prison
from helpline.guide.loader import load_contacts
from helpline.guide.prison_cues import (
    HMP,
    PRISON_AFTER,
    Cue,
    Token,
    cue_of,
    is_past,
    is_taken_to,
    may_take_prison_after,
    was_there,
    words,
)

MAX_CANDIDATES: Final = 6
_LONGEST_NAME: Final = 4  # words
_MIN_SPACED: Final = 8  # letters a name split by a stray space must have: "he well" is not Hewell
_MIN_FUZZY: Final = 7
_MIN_FUZZY_ANSWER: Final = 5
_TWO_SLIPS_FROM: Final = 11
_TWO_SLIPS_FROM_ANSWER: Final = 8
_WORD: Final = re.compile(r"[a-z0-9]+(?:'[a-z]+)*", re.IGNORECASE)
_SPELT_HMP: Final = re.compile(r"\bh[. ]{0,2}m[. ]{0,2}p\b\.?", re.IGNORECASE)
_CLAUSE_END: Final = re.compile(r"[.!?,;:\n]")
_FILLERS: Final = (
    HMP
    | PRISON_AFTER
    | words(
        "in at the its it is hes shes he she they theyre his her i think um er erm yes yeah yep "
        "called please thanks thank you hmm uh one and been was now moved to my son brother "
        "partner husband daughter"
    )
)
_NEVER_IN_A_SLIP: Final = words(
    "the and to in is at a an of on it for my his her he she they we you i im hes was not no so or "
    "with but be been have has had do does did can will would are were that this there from"
)


@dataclass(frozen=True)
class PrisonMention:
    """What a message says about where someone is.

    `prison` is a key of contacts/prisons when there is no doubt. Otherwise `candidates` are the
    prisons to offer and ask about, in the order they were named; empty when no prison was named.
    """

    prison: str | None = None
    candidates: tuple[str, ...] = ()


class _Kind(Enum):
    DISTINCT = "distinct"
    PLACE = "place"
    EVERYDAY = "everyday"


@dataclass(frozen=True)
class _Name:
    text: str
    keys: tuple[str, ...]
    kind: _Kind
    official: tuple[str, ...]  # whose own name this is, said with HMP before or prison after
    ambiguous: bool


@dataclass(frozen=True)
class _Found:
    name: _Name
    start: int
    end: int
    slips: int
    other: tuple[str, ...] = ()  # prisons that are as near to a misspelling


class PrisonIndex:
    """Every name of every prison, ready for searching. Built once from the contacts."""

    def __init__(self, contacts: ContactBook) -> None:
        """Index the names, aliases, nicknames and parts of `contacts.prisons`."""
        self._names = _names(contacts)
        self._joined = {_join(name.split()): entry for name, entry in self._names.items()}
        self._lookalikes = {_join(word.split()) for word in contacts.names.lookalikes}
        self._starts = {joined[:length] for joined in self._joined for length in (1, 2, 3)}
        self._like: dict[tuple[str, int], list[str]] = defaultdict(list)
        for joined, entry in self._joined.items():
            if entry.kind is not _Kind.EVERYDAY and len(joined) >= _MIN_FUZZY_ANSWER:
                self._like[joined[0], len(joined)].append(joined)

    def find(self, text: str, *, answering: bool = False) -> PrisonMention:
        """See find_prisons."""
        tokens = _tokens(text)
        found = list(self._scan(tokens, answering=answering))
        whole = len(found) == 1 and _is_whole_answer(tokens, found[0])
        if whole and (answering or _says_nothing_else(found[0])):
            return _settled(found[0], certain=_is_official(tokens, found[0]))
        return _resolve(tokens, found, answering=answering)

    def _scan(self, tokens: Sequence[Token], *, answering: bool) -> Iterator[_Found]:
        index = 0
        while index < len(tokens):
            found = self._exact(tokens, index) or self._slip(tokens, index, answering=answering)
            if found is None:
                index += 1
                continue
            yield found
            index = found.end

    def _exact(self, tokens: Sequence[Token], start: int) -> _Found | None:
        if tokens[start].word[:3] not in self._starts:
            return None  # most words: no name begins like this
        for end in range(_clause_end(tokens, start, _LONGEST_NAME), start, -1):
            window = tokens[start:end]
            said = [token.word for token in window]
            entry = self._names.get(" ".join(said))
            if entry is None and window[-1].stem != said[-1]:
                entry = self._names.get(" ".join([*said[:-1], window[-1].stem]))
            if entry is None and len(said) > 1:
                joined = _join(said)
                entry = self._joined.get(joined) if len(joined) >= _MIN_SPACED else None
            if entry is not None:
                return _Found(entry, start, end, 0)
        return None

    def _slip(self, tokens: Sequence[Token], start: int, *, answering: bool) -> _Found | None:
        """Look for a misspelt name: first letter right, one slip, two in long names, one owner."""
        shortest = _MIN_FUZZY_ANSWER if answering else _MIN_FUZZY
        first = tokens[start].word
        if first in _NEVER_IN_A_SLIP or (len(first) < shortest and first[:2] not in self._starts):
            return None
        two_from = _TWO_SLIPS_FROM_ANSWER if answering else _TWO_SLIPS_FROM
        end = _clause_end(tokens, start, 3)
        while end > start:
            said = [token.word for token in tokens[start:end]]
            joined = _join(said)
            end -= 1
            if len(joined) < shortest + 2 * (len(said) - 1) or joined in self._lookalikes:
                continue
            if not _NEVER_IN_A_SLIP.isdisjoint(said):
                continue
            nearest = self._nearest(joined, 2 if len(joined) >= two_from else 1)
            if nearest:
                slips = nearest[0][0]
                close = [name for distance, name in nearest if distance <= slips]
                keys = _unique(key for name in close for key in self._joined[name].keys)
                return _Found(self._joined[close[0]], start, start + len(said), slips, keys)
        return None

    def _nearest(self, joined: str, most: int) -> list[tuple[int, str]]:
        near = []
        for length in range(len(joined) - most, len(joined) + most + 1):
            for name in self._like.get((joined[0], length), ()):
                distance = OSA.distance(joined, name, score_cutoff=most)
                if distance <= most:
                    near.append((distance, name))
        return sorted(near)


def find_prisons(text: str, *, answering: bool = False) -> PrisonMention:
    """Find the prison that `text` is about, among those in guide_content/contacts.

    `answering` says that the family was asked "which prison?", so a bare name is enough and a
    shorter misspelling is understood. Never guesses: what could be a town, a word or two prisons
    comes back as candidates to ask about, or not at all.
    """
    return _default_index().find(text, answering=answering)


@lru_cache(maxsize=1)
def _default_index() -> PrisonIndex:
    return PrisonIndex(load_contacts())


# The index


def _names(contacts: ContactBook) -> dict[str, _Name]:
    owners: dict[str, list[str]] = defaultdict(list)
    official: dict[str, list[str]] = defaultdict(list)
    for prison in contacts.prisons.values():
        for name in _own_names(prison):
            official[name].append(prison.key)
            owners[name].append(prison.key)
        for nickname in [*prison.nicknames, *(site.name for site in prison.sub_sites)]:
            owners[_plain(nickname)].append(prison.key)
    shared = {_plain(name): keys for name, keys in contacts.names.ambiguous_names.items()}
    everyday = {_plain(word) for word in contacts.names.everyday_words}
    places = {_plain(word) for word in contacts.names.place_names}
    made = {}
    for name in [*owners, *shared]:
        stem = " ".join(word for word in name.split() if word not in PRISON_AFTER)
        # "Stockton prison" names a town with two prisons near it, whatever one of them is called.
        keys = shared.get(name) or (shared.get(stem) if name not in official else None)
        kind = _Kind.PLACE if name in places else _Kind.DISTINCT
        made[name] = _Name(
            text=name,
            keys=_unique(keys or owners[name]),
            kind=_Kind.EVERYDAY if name in everyday else kind,
            official=_unique(official.get(name, ())),
            ambiguous=keys is not None or len(set(owners[name])) > 1,
        )
    return made


def _own_names(prison: Prison) -> set[str]:
    """Return a prison's name without HMP, YOI or "prison"; with and without a leading "the"."""
    names = set()
    for written in (prison.name, *prison.aliases):
        for form in (written, re.sub(r"\([^)]*\)", "", written)):  # "... (women)"
            own = [word for word in _plain(form).split() if word not in HMP]
            if prison.kind != "secure-training-centre":
                own = [word for word in own if word not in PRISON_AFTER | {"and"}]
            names.add(" ".join(own))
            if own[0] == "the":
                names.add(" ".join(own[1:]))
    return names


def _clause_end(tokens: Sequence[Token], start: int, most: int) -> int:
    """Return where the clause of tokens[start] ends, at most `most` words on."""
    end = start + 1
    while end < len(tokens) and end - start < most and not tokens[end].fresh:
        end += 1
    return end


def _plain(text: str) -> str:
    return " ".join(token.word for token in _tokens(text))


def _join(words: Iterable[str]) -> str:
    return "".join(words)


def _tokens(text: str) -> list[Token]:
    text = _SPELT_HMP.sub("hmp", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    tokens, last = [], 0
    for match in _WORD.finditer(text):
        word = match[0].lower()
        gap = text[last : match.start()]
        fresh = gap != " " and _CLAUSE_END.search(gap) is not None
        stem = word
        if "'" in word:
            stem, word = word.removesuffix("'s").replace("'", ""), word.replace("'", "")
        tokens.append(Token(word, stem, fresh))
        last = match.end()
    return tokens


# Deciding


def _resolve(tokens: Sequence[Token], found: Sequence[_Found], *, answering: bool) -> PrisonMention:
    sure: list[tuple[_Found, str]] = []
    maybe: list[str] = []
    for mention in found:
        weighed = _weigh(tokens, mention, answering=answering)
        if weighed.prison is not None:
            sure.append((mention, weighed.prison))
        maybe += weighed.candidates
    keys = _unique(key for _, key in sure)
    if len(keys) > 1:  # "he was in Leeds, now hes in Durham"; a slip counts less than a name
        now = [(m, key) for m, key in sure if not was_there(tokens, m.start) and not m.slips]
        keys = _unique(key for _, key in now) or keys
    if len(keys) == 1:
        return PrisonMention(keys[0])
    return PrisonMention(None, _unique([*keys, *maybe])[:MAX_CANDIDATES])


def _weigh(tokens: Sequence[Token], found: _Found, *, answering: bool) -> PrisonMention:
    """Decide about one name from the words around it."""
    cue, kind = cue_of(tokens, found.start, found.end), found.name.kind
    if kind is _Kind.EVERYDAY:
        cue = _everyday_cue(tokens, found, cue)
    unsure = kind is _Kind.EVERYDAY or (
        found.slips and kind is not _Kind.DISTINCT and not answering
    )
    if is_past(tokens, found.start) or cue is Cue.AGAINST or (unsure and cue is Cue.SILENT):
        return PrisonMention()
    if cue is Cue.CERTAIN:
        return _settled(found, certain=True)
    if kind is _Kind.EVERYDAY or (kind is _Kind.PLACE and cue is Cue.SILENT and not answering):
        return _asked(found)
    return _settled(found, certain=False)


def _everyday_cue(tokens: Sequence[Token], found: _Found, cue: Cue) -> Cue:
    last = found.name.text.split()[-1]
    after_to = found.start > 0 and tokens[found.start - 1].word == "to"
    if cue is Cue.LIKELY and after_to and not is_taken_to(tokens, found.start):
        return Cue.SILENT
    if cue is not Cue.CERTAIN and last not in PRISON_AFTER:
        return cue
    if found.start and tokens[found.start - 1].word in HMP:
        return Cue.CERTAIN
    named = may_take_prison_after(tokens, found.start)
    if last in PRISON_AFTER:  # "in march prison visits stopped" may not be about a prison
        return Cue.LIKELY if named else Cue.SILENT
    after = tokens[found.end].word if found.end < len(tokens) else ""
    return Cue.CERTAIN if named or after not in PRISON_AFTER else Cue.SILENT


def _settled(found: _Found, *, certain: bool) -> PrisonMention:
    """Take the name for its one prison; `certain` if it was said as a prison's own name."""
    if certain and len(found.name.official) == 1 and len(found.other) <= 1:
        return PrisonMention(found.name.official[0])
    keys = found.other or found.name.keys
    if found.name.ambiguous or len(keys) != 1:
        return _asked(found)
    return PrisonMention(keys[0])


def _asked(found: _Found) -> PrisonMention:
    return PrisonMention(None, _unique([*found.name.keys, *found.other])[:MAX_CANDIDATES])


def _is_whole_answer(tokens: Sequence[Token], found: _Found) -> bool:
    rest = [*tokens[: found.start], *tokens[found.end :]]
    return all(token.word in _FILLERS for token in rest)


def _says_nothing_else(found: _Found) -> bool:
    """Whether a name that is a whole message can only be meant as the prison, spelt right."""
    return found.name.kind is not _Kind.EVERYDAY and not found.slips


def _is_official(tokens: Sequence[Token], found: _Found) -> bool:
    return cue_of(tokens, found.start, found.end) is Cue.CERTAIN


def _unique(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))
