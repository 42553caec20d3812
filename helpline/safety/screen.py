"""The first look at every message: plain rules, nothing that can be down."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from helpline.enums import ConcernKind, Severity
from helpline.safety import rules, weighing
from helpline.safety.judge import Hit, find_hits
from helpline.safety.page import Page
from helpline.safety.patterns import Pattern
from helpline.safety.rulebook import About, Rulebook

_EARLIER_MESSAGES = 3
_EARLIER_CHARACTERS = 600
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class ConcernFound:
    """One concern in one message, with the ids of the rules that noticed it."""

    kind: ConcernKind
    severity: Severity
    rules: tuple[str, ...]
    about: About = About.INSIDE


@dataclass(frozen=True, slots=True)
class Screening:
    """What the rules made of a message, the gravest concern first.

    severity: the highest of the concerns. about: who that one is about. check: the message is
    doubtful, so ask "Are you worried someone is in danger now?"; never a catch by itself.
    doubt: which concern the doubt is about.
    """

    concerns: tuple[ConcernFound, ...] = ()
    severity: Severity = Severity.NONE
    about: About = About.INSIDE
    check: bool = False
    doubt: ConcernKind | None = None


def screen(
    text: str,
    recent: Sequence[str] = (),
    *,
    today: date | None = None,
    load: Callable[[], Rulebook] = rules.current,
) -> Screening:
    """Look for danger in one family message, by the rules and by the weights of its words.

    `recent` holds the family's earlier messages, oldest first; `today` is the date in London, by
    which "canteen is friday" may be today. Never raises: a check that fails is itself a concern.
    """
    try:
        page, found = _judge(load(), text, recent, today)
        return _add_weighed(found, weighing.weigh(weighing.current(), page), alone=not recent)
    except Exception:  # noqa: BLE001 whatever broke, a person must look
        failed = ConcernFound(ConcernKind.CHECK_FAILED, Severity.URGENT, ("check-failed",))
        return Screening((failed,), Severity.URGENT)


def screen_by_rules(text: str, load: Callable[[], Rulebook] = rules.current) -> Screening:
    """Look by the rules alone: for measuring, and for learning the weights."""
    return _judge(load(), text, (), None)[1]


def says_yes(text: str, load: Callable[[], Rulebook] = rules.current) -> bool:
    """Return whether `text` is a yes to the check question, which was the last thing asked."""
    return _says(load().yes, load(), text)


def says_no(text: str, load: Callable[[], Rulebook] = rules.current) -> bool:
    """Return whether `text` is a no to the check question, and nothing more."""
    return _says(load().no, load(), text)


def join(one: Screening, other: Screening) -> Screening:
    """Return both screenings as one; of two concerns of a kind the graver counts."""
    found: dict[ConcernKind, ConcernFound] = {}
    for concern in (*one.concerns, *other.concerns):
        known = found.get(concern.kind)
        if known is None or concern.severity.rank > known.severity.rank:
            found[concern.kind] = concern
    if not found:
        return Screening(check=one.check or other.check, doubt=one.doubt or other.doubt)
    concerns = tuple(sorted(found.values(), key=lambda concern: -concern.severity.rank))
    check, doubt = one.check or other.check, one.doubt or other.doubt
    return Screening(concerns, concerns[0].severity, concerns[0].about, check, doubt)


def _says(answers: Sequence[Pattern], book: Rulebook, text: str) -> bool:
    page = book.lexicon.lay_out(text)
    return any(page.ends(pattern) for pattern in answers)


def _add_weighed(found: Screening, weighed: weighing.Weighed | None, *, alone: bool) -> Screening:
    """Add what the words came to where it says more than the rules.

    Where all words speak against a rule that would bring a person today, the family is asked
    instead: never in danger to life, not where the rule itself asks, and not where earlier messages
    were part of what was noticed.
    """
    if weighed is not None and weighed.against:
        if found.severity is not Severity.URGENT or found.check or not alone:
            return found
        return Screening(about=found.about, check=True, doubt=found.concerns[0].kind)
    if weighed is None or (weighed.severity.rank <= found.severity.rank and found.concerns):
        return found
    whom = About.CALLER if weighed.concern is ConcernKind.CALLER_SAFETY else About.INSIDE
    if weighed.severity is Severity.NONE:
        return found if found.check else Screening(about=whom, check=True, doubt=weighed.concern)
    if found.concerns:  # of what it is about, the rules know more
        first = found.concerns[0]
        weighed_too = replace(first, severity=weighed.severity, rules=(*first.rules, weighing.RULE))
    else:
        weighed_too = ConcernFound(weighed.concern, weighed.severity, (weighing.RULE,), whom)
    more = Screening((weighed_too,), weighed_too.severity, weighed_too.about)
    return join(found, more)


def _judge(
    book: Rulebook, text: str, recent: Sequence[str], today: date | None
) -> tuple[Page, Screening]:
    earlier = [said[-_EARLIER_CHARACTERS:] for said in recent[-_EARLIER_MESSAGES:]]
    page = book.lexicon.lay_out(text, earlier, _WEEKDAYS[today.weekday()] if today else None)
    hits = find_hits(book, page)
    if earlier and _says(book.yes, book, text):
        before = find_hits(book, book.lexicon.lay_out(earlier[-1], earlier[:-1]))
        # A yes to "are you worried someone is in danger now" makes the doubt a concern.
        hits += [
            Hit(hit.rule, hit.concern, Severity.URGENT, hit.about)
            for hit in before
            if hit.severity is Severity.NONE
        ]
    return page, _sum_up(hits)


def _sum_up(hits: Iterable[Hit]) -> Screening:
    found: dict[ConcernKind, list[Hit]] = {}
    doubt: Hit | None = None
    for hit in hits:
        if hit.rule.asks or hit.severity is Severity.NONE:
            doubt = doubt or hit
        if hit.severity is not Severity.NONE:
            found.setdefault(hit.concern, []).append(hit)
    concerns = []
    for kind, these in found.items():
        worst = max(these, key=lambda hit: hit.severity.rank)
        names = tuple(dict.fromkeys(hit.rule.id for hit in these))
        concerns.append(ConcernFound(kind, worst.severity, names, worst.about))
    doubted = doubt.concern if doubt is not None else None
    if not concerns:
        about = doubt.about if doubt is not None else About.INSIDE
        return Screening(about=about, check=doubt is not None, doubt=doubted)
    concerns.sort(key=lambda concern: -concern.severity.rank)
    first = concerns[0]
    return Screening(tuple(concerns), first.severity, first.about, doubt is not None, doubted)
