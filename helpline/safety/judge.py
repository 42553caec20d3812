"""Tries the rules on one laid-out message."""

from collections.abc import Iterable
from dataclasses import dataclass

from helpline.enums import ConcernKind, Severity
from helpline.safety.patterns import Page, Pattern, ends
from helpline.safety.rulebook import (
    IDIOM,
    NEGATED,
    About,
    Cap,
    Modifier,
    Pause,
    Rule,
    Rulebook,
)

_REACH = 3  # how near a modifier's own exception must stand
_PERSON_REACH = 40
_QUOTE_REACH = 10
# At each level, the caps that forbid it.
_FORBID = {
    Severity.IMMEDIATE: frozenset({Cap.URGENT, Cap.CHECK, Cap.NONE}),
    Severity.URGENT: frozenset({Cap.CHECK, Cap.NONE}),
    Severity.NONE: frozenset({Cap.NONE}),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that was met. Severity.NONE means: only doubtful, ask the check question."""

    rule: Rule
    concern: ConcernKind
    severity: Severity
    about: About


def find_hits(book: Rulebook, page: Page) -> list[Hit]:
    """Return every rule that the page meets."""
    masks = modifier_masks(book.modifiers, page)
    numbers = {
        number for label in (*page.ones, *page.longs) for number in book.by_label.get(label, ())
    }
    hits = [hit for number in sorted(numbers) if (hit := _try(book.rules[number], page, masks))]
    raised = {hit.concern for hit in hits if hit.severity is not Severity.NONE}
    for rule in book.following:
        if raised.intersection(rule.needs) and (hit := _try(rule, page, masks)):
            hits.append(hit)
    return hits


def modifier_masks(modifiers: Iterable[Modifier], page: Page) -> dict[str, int]:
    """Return, for each modifier, the words whose meaning it changes."""
    masks = {IDIOM: page.covered(f"<{IDIOM}>")}
    for modifier in modifiers:
        last = last_words(modifier.say, page)
        if not last:
            continue
        last &= ~page.spread(last_words(modifier.unless, page), _REACH, _REACH, 0)
        stops = 0
        for _, mask in page.starts(modifier.stops):
            stops |= mask
        wide = page.spread(last, modifier.before, 0, stops | (page.pauses if modifier.pause else 0))
        after_pause = page.pauses << 1 if modifier.pause is Pause.BOTH else 0
        wide |= page.spread(last, 0, modifier.after, stops | after_pause)
        if modifier.name == NEGATED:
            wide &= ~last  # the "not" itself is not negated
        if modifier.needs:
            wide &= masks.get(modifier.needs, 0)
        masks[modifier.name] = masks.get(modifier.name, 0) | wide
    return masks


def last_words(patterns: Iterable[Pattern], page: Page) -> int:
    """Return the last word of every match, as a mask."""
    everywhere = page.everywhere
    mask = 0
    for pattern in patterns:
        mask |= ends(pattern, page, everywhere, everywhere)
    return mask >> 1


def _try(rule: Rule, page: Page, masks: dict[str, int]) -> Hit | None:
    """Return the highest severity that the rule comes to, or None."""
    tried: int | None = None
    for severity in (Severity.IMMEDIATE, Severity.URGENT, Severity.NONE):
        if severity.rank > rule.severity.rank and not (
            rule.raise_if and severity is Severity.IMMEDIATE
        ):
            continue
        raising = severity.rank > rule.severity.rank
        blocked = 0
        for name, cap in rule.caps.items():
            if cap in _FORBID[severity]:
                blocked |= masks.get(name, 0)
        if blocked == tried:
            continue
        last = _match(rule, page, blocked, masks.get(NEGATED, 0) & blocked)
        if raising:
            last &= _near(last_words(rule.raise_if, page), rule.near, page) if last else 0
        else:
            tried = blocked
        if last:
            return _hit(rule, severity, last, page)
    return None


def _match(rule: Rule, page: Page, blocked: int, negated: int) -> int:
    """Return the last words of the matches that count.

    A word is out of reach where something in `blocked` covers it; where that is only a negation,
    a pattern with a "not" of its own may still use it.
    """
    everywhere = page.everywhere
    allowed = everywhere & ~blocked
    past_not = everywhere & ~(blocked & ~negated)
    last = 0
    for pattern in rule.say:
        last |= ends(pattern, page, allowed, past_not)
    last >>= 1
    if last and rule.only_me:
        last &= ~speaking_of(page)[1]
    now = ~((1 << page.now_from) - 1)
    if last and rule.with_:
        also = 0
        for pattern in rule.with_:
            # What goes with it may stand after its "not": not had his tablets for five days.
            also |= ends(pattern, page, past_not, past_not)
        also >>= 1
        fresh = last & now & _near(also, rule.near, page)
        last = fresh | (last & _near(also & now, rule.near, page))
    else:
        last &= now
    if last and rule.unless:
        last &= ~_near(last_words(rule.unless, page), rule.near, page)
    return last


def _near(mask: int, distance: int | None, page: Page) -> int:
    if not mask:
        return 0
    return page.everywhere if distance is None else page.spread(mask, distance, distance, 0)


def _hit(rule: Rule, severity: Severity, last: int, page: Page) -> Hit:
    about = rule.about
    if about is About.AUTO:
        about = About.CALLER if last & speaking_of(page)[0] else About.INSIDE
    concern = rule.concern
    if about is About.CALLER and rule.if_caller:
        concern = rule.if_caller
        if rule.if_caller_severity and severity is not Severity.NONE:
            severity = max(severity, rule.if_caller_severity, key=lambda s: s.rank)
    return Hit(rule, concern, severity, about)


def speaking_of(page: Page) -> tuple[int, int]:
    """Return the words said of the caller, and those said of someone else.

    That is whoever was the subject last in the sentence; in "he said I ..." it is still he.
    """
    quoted = page.spread(page.last("<he-says>"), 0, _QUOTE_REACH, 0)
    mine = page.ones.get("<me>", 0) & ~quoted
    theirs = page.last("<he-is>") | (page.ones.get("<me>", 0) & quoted)
    return (
        page.spread(mine, 0, _PERSON_REACH, theirs),
        page.spread(theirs, 0, _PERSON_REACH, mine),
    )
