"""What the words around a name say about it: the prison someone is in, or only a town.

Families live in Leeds, go to court in Preston and support Hull City. A wrong prison is much worse
than none, so a name that is also a place counts only when the words beside it say so.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple


def words(text: str) -> frozenset[str]:
    """Return the words of `text` as a set."""
    return frozenset(text.split())


class Cue(IntEnum):
    """How strongly the words around a name say that it is the prison."""

    AGAINST = 0  # a home, a court, a hospital, a football club, a person
    SILENT = 1  # nothing either way
    LIKELY = 2  # "hes in ...", "... won't tell me"
    CERTAIN = 3  # "HMP ...", "... prison", "in prison at ..."


class Token(NamedTuple):
    """One word: `word` is lower-case without apostrophes; `fresh` if a new clause starts here."""

    word: str
    stem: str  # the word without a possessive 's
    fresh: bool


HMP: Final = frozenset({"hmp", "hmyoi", "yoi", "hmps", "hmpyoi"})
PRISON_AFTER: Final = frozenset({"prison", "jail", "nick", "gaol", "yoi", "hmp", "prisons"})
_CUSTODY: Final = words(
    "prison jail nick gaol custody inside remand remanded banged locked serving sentence sentenced "
    "held inmate prisoner lifer prisoners doing time"
)
_NOT_AFTER: Final = words(
    "hospital infirmary general royal court crown magistrates mags uni university college school "
    "academy station police city united utd fc rovers town council airport street road rd nhs "
    "football cathedral borough county trust hotel crown cc rfc athletic albion north probation "
    "childrens shire"
)
_NOT_NEAR: Final = words(
    "live lives living lived born work works working worked uni university college school holiday "
    "court solicitor solicitors barrister lawyer house flat home hospital grew raised hotel trial "
    "police arrested crime caught shop address based probation council studied studying train bus "
    "airport hostel games game match"
)
_NOT_BEFORE: Final = words(
    "near outside around mr mrs ms miss dr doctor nurse officer governor named name uncle auntie "
    "aunty"
)
_RELATIONS: Final = words(
    "son brother husband partner dad father mum mother daughter sister nephew niece cousin "
    "grandson granddaughter boyfriend girlfriend mate friend lad boy wife fella bloke stepson "
    "grandad uncle aunt bro hubby hubbie fiance fiancee ex"
)
_FIRST: Final = words("i im ive id we weve us me ill myself ourselves")
_THIRD: Final = _RELATIONS | words(
    "he hes hed she shes shed they theyre theyve him her them his who whos prisoner inmate kid "
    "healthcare wing staff officers governor chaplain visits visit cell screws meds medication "
    "custody reception seg segregation block everyone lads men women someone somebody"
)
_SUBJECTS: Final = words("i im ive we weve he hes hed she shes shed they theyre theyve who whos")
_COPULAS: Final = words("is am was were been being got now still currently held kept staying")
_LINKS: Final = _COPULAS | words(
    "he hes she shes they theyre theyve him her them whos been back just only already also "
    "again inside up on stuck end ended landed arrived weeks week days day months month years year "
    "night nights time since healthcare wing cell staff officers governor chaplain visits visit "
    "reception seg segregation block screws custody someone somebody him settled over down"
)
_MOVED: Final = words(
    "moved moving transferred transferring transfer sent taken took shipped ghosted went gone "
    "going put landed arrived recalled remanded returned back"
)
_TAKEN: Final = words(
    "moved moving transferred transferring transfer sent taken took shipped ghosted recalled "
    "remanded returned"
)
_CONTACT: Final = words(
    "visit visits visited visiting ring rang ringing rung phone phoned phoning call called calling "
    "calls email emailed emailing emails contact contacted contacting letter letters wrote write "
    "writing told asked spoke speak"
)
_SAYS: Final = words(
    "wont dont doesnt didnt cant arent isnt say says said keep keeps told havent hasnt never "
    "refuse refuses refused ignore ignores ignored wing healthcare visits visit governor officers "
    "staff safer seg segregation safety"
)
_CARE: Final = words(
    "nurse nurses doctor doctors gp gps dentist healthcare medical meds medication methadone "
    "hatch pharmacy psychiatrist inreach"
)
_BEFORE_EVERYDAY: Final = words("in at from inside into near visit visiting visited hmp")
_PLACED: Final = words("in at inside into")
_PAST: Final = words("not isnt wasnt arent never left used anymore leaving")
_REACH: Final = 6


def cue_of(tokens: Sequence[Token], start: int, end: int) -> Cue:
    """Weigh the words around tokens[start:end], a name that may be a prison's."""
    before, after = _before(tokens, start), _after(tokens, end)
    if before and before[-1] in HMP:
        return Cue.CERTAIN
    if after and after[0] in _NOT_AFTER:
        return Cue.AGAINST
    if before and before[-1] == "the":
        before = before[:-1]
    if after and after[0] in PRISON_AFTER:
        return Cue.CERTAIN
    if "for" in after[:1] and set(after[1:3]) & _NOT_NEAR:
        return Cue.AGAINST
    cue = _from_before(before)
    placed = bool(before) and before[-1] in _PLACED  # "his mum in Bristol says"
    if cue is not Cue.SILENT:
        return cue
    says = not placed and bool(after) and after[0] in _SAYS | _CARE
    where = after[:2] in (["is", "where"], ["was", "where"])  # "Stocken is where they put him"
    return Cue.LIKELY if says or where else Cue.SILENT


def is_past(tokens: Sequence[Token], start: int) -> bool:
    """Whether the words before a name say that the person is not there now, or no longer."""
    before = _before(tokens, start)
    if not before:
        return False
    if before[-1] == "from":
        return bool(set(before[-4:-1]) & (_MOVED | {"released", "out", "came", "left", "move"}))
    return bool(set(before[-4:]) & _PAST)


def was_there(tokens: Sequence[Token], start: int) -> bool:
    """Whether the words before a name tell of the past ("he was in ..."); it may still be true."""
    return bool(set(_before(tokens, start)[-3:]) & {"was", "were", "first", "before", "previously"})


def may_take_prison_after(tokens: Sequence[Token], start: int) -> bool:
    """Whether a word before "prison" can be a name: "in Send prison", not "send prison post"."""
    before = _before(tokens, start)
    if not before:
        return start == 0
    return before[-1] in _BEFORE_EVERYDAY or is_taken_to(tokens, start)


def is_taken_to(tokens: Sequence[Token], start: int) -> bool:
    """Whether someone was moved "to" what is named: "sent to Ford", but not "going to send"."""
    before = _before(tokens, start)
    if before and before[-1] == "the":
        before = before[:-1]
    return bool(before) and before[-1] == "to" and bool(set(before[-4:-1]) & _TAKEN)


def _before(tokens: Sequence[Token], start: int) -> list[str]:
    """Return up to six words before a name, none from beyond the start of its clause."""
    near: list[str] = []
    for index in range(start - 1, max(-1, start - 1 - _REACH), -1):
        if tokens[index + 1].fresh:
            break
        near.append(tokens[index].word)
    return near[::-1]


def _after(tokens: Sequence[Token], end: int) -> list[str]:
    near: list[str] = []
    for token in tokens[end : end + 3]:
        if token.fresh:
            break
        near.append(token.word)
    return near


def _from_before(before: list[str]) -> Cue:
    if not before:
        return Cue.SILENT
    last, rest = before[-1], before[:-1]
    if last in _NOT_BEFORE or last in _RELATIONS:
        return Cue.AGAINST
    if last in _CONTACT:
        return Cue.LIKELY
    if last in _PLACED:
        return _from_place(rest, last)
    return _from_journey(rest, last) if last in {"to", "from"} else Cue.SILENT


def _from_journey(rest: list[str], last: str) -> Cue:
    near = set(rest[-3:])
    if last == "from":
        return Cue.LIKELY if near & _CONTACT else Cue.AGAINST
    if near & _MOVED:
        return Cue.AGAINST if _subject(rest) == "first" else Cue.LIKELY
    return Cue.LIKELY if near & _CONTACT else Cue.SILENT


def _from_place(rest: list[str], preposition: str) -> Cue:
    if preposition == "inside" or set(rest[-3:]) & _CUSTODY:
        return Cue.CERTAIN
    if set(_own_clause(rest)[-4:]) & _NOT_NEAR:
        return Cue.AGAINST
    if preposition == "at" and set(rest[-2:]) & _CARE:
        return Cue.LIKELY  # "the nurse at Bure"; a town's nurse is "in Leeds"
    if rest[-1:] == ["and"] and _subject(rest) == "third":
        return Cue.LIKELY  # "my dad is 70 and in Dartmoor"
    if rest and not (rest[-1] in _LINKS or rest[-1].removesuffix("s") in _RELATIONS - {rest[-1]}):
        return Cue.SILENT  # "my sister in Leeds", "the people in Leeds" may be anywhere there
    return Cue.AGAINST if _subject(rest) == "first" else Cue.LIKELY


def _own_clause(rest: list[str]) -> list[str]:
    """Return the words from the last "he", "she" or "I" on: texts often have no full stops."""
    starts = [index for index, word in enumerate(rest) if word in _SUBJECTS]
    return rest[starts[-1] :] if starts else rest


def _subject(rest: list[str]) -> str:
    """Return "first" or "third" for whom the nearest words speak of, "" when they do not say."""
    for word in reversed(rest):
        if word in _THIRD or word.removesuffix("s") in _RELATIONS:  # "my dads in ..."
            return "third"
        if word in _FIRST:
            return "first"
    return ""
