"""Tries the rules on one laid-out message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from helpline.enums import ConcernKind, Severity
from helpline.safety.page import Page
from helpline.safety.patterns import Fit, Pattern
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

_REACH = 5  # how near a modifier's own exception must stand
_PERSON_REACH = 40
_QUOTE_REACH = 10
_GRAVEST_FIRST = (Severity.IMMEDIATE, Severity.URGENT, Severity.NONE)
_RANK = {severity: severity.rank for severity in Severity}
# At each level, the caps that forbid it.
_FORBID = {
    Severity.IMMEDIATE: frozenset({Cap.URGENT, Cap.CHECK, Cap.NONE}),
    Severity.URGENT: frozenset({Cap.CHECK, Cap.NONE}),
    Severity.NONE: frozenset({Cap.NONE}),
}
# What of each rule and modifier is in the message, and the mask of its ends.
type Found = Mapping[str, list[tuple[Pattern, int]]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that was met. Severity.NONE means: only doubtful, ask the check question."""

    rule: Rule
    concern: ConcernKind
    severity: Severity
    about: About


def find_hits(book: Rulebook, page: Page) -> list[Hit]:
    """Return every rule that the page meets."""
    judge = _Judge(page, find_patterns(book, page))
    judge.mark(book.modifiers)
    hits: list[Hit] = []
    following: list[Rule] = []
    for rule in book.rules:
        if rule.needs:
            following.append(rule)
        elif hit := judge.try_rule(rule):
            hits.append(hit)
    raised = {hit.concern for hit in hits if hit.severity is not Severity.NONE}
    for rule in following:
        hit = judge.try_rule(rule) if raised.intersection(rule.needs) else None
        hits += [hit] if hit else []
    return hits


def find_patterns(book: Rulebook, page: Page) -> Found:
    """Return what matches, whatever stands round it: most rules never need a second look."""
    numbers: set[int] = set()
    there: set[Fit] = set()
    for label in page.spots.keys() & book.fits_by_label.keys():
        there.update(book.fits_by_label[label])
        numbers.update(book.by_label.get(label, ()))
    page.there = there
    found: dict[str, list[tuple[Pattern, int]]] = {}
    for number in numbers:
        indexed = book.sayings[number]
        if indexed.pattern.fits <= there and (ends := page.ends(indexed.pattern)):
            found.setdefault(indexed.owner, []).append((indexed.pattern, ends))
    return found


class _Judge:
    """One page, what was found on it, and the words whose meaning something changes."""

    def __init__(self, page: Page, found: Found) -> None:
        self.page = page
        self.found = found
        self.masks: dict[str, int] = {IDIOM: page.covered(f"<{IDIOM}>")}
        self._said_of: tuple[int, int] | None = None
        self._seen: dict[int, int] = {}

    def mark(self, modifiers: Iterable[Modifier]) -> None:
        """Find, for each modifier, the words whose meaning it changes."""
        page = self.page
        for modifier in modifiers:
            last = 0
            for _, ends in self.found.get(modifier.name, ()):
                last |= ends >> 1
            if not last:
                continue
            last &= ~page.spread(self._last_words(modifier.unless), _REACH, _REACH)
            stops = page.carrying(modifier.stops)
            pause_before = page.pauses if modifier.pause else 0
            pause_after = page.pauses << 1 if modifier.pause is Pause.BOTH else 0
            wide = page.spread(last, modifier.before, 0, stops | pause_before)
            wide |= page.spread(last, 0, modifier.after, stops | pause_after)
            if modifier.name == NEGATED:
                wide &= ~last  # the "not" itself is not negated
            if modifier.needs:
                wide &= self.masks.get(modifier.needs, 0)
            self.masks[modifier.name] = wide

    def _last_words(self, patterns: tuple[Pattern, ...]) -> int:
        mask = self._seen.get(
            id(patterns)
        )  # the rulebook keeps each tuple, so its id stays its own
        if mask is None:
            mask = 0
            there = self.page.there
            for pattern in patterns:
                if pattern.fits <= there:
                    mask |= self.page.ends(pattern)
            self._seen[id(patterns)] = mask = mask >> 1
        return mask

    def try_rule(self, rule: Rule) -> Hit | None:
        """Return the highest severity that the rule comes to, or None."""
        if rule.id not in self.found:
            return None
        if rule.with_ and not self._last_words(rule.with_):
            return None
        tried: int | None = None
        for severity in _GRAVEST_FIRST:
            raising = _RANK[severity] > _RANK[rule.severity]
            if raising and (severity is not Severity.IMMEDIATE or not rule.raise_if):
                continue
            blocked = self._blocked(rule, severity)
            if blocked == tried:
                continue
            last = self._match(rule, blocked)
            if last and raising:
                last &= self._near(self._last_words(rule.raise_if), rule.near)
            tried = tried if raising else blocked
            if last:
                return self._hit(rule, severity, last)
        return None

    def _blocked(self, rule: Rule, severity: Severity) -> int:
        blocked = 0
        for name, cap in rule.caps.items():
            if cap in _FORBID[severity]:
                blocked |= self.masks.get(name, 0)
        return blocked

    def _match(self, rule: Rule, blocked: int) -> int:
        """Return the last words of the matches that count.

        A word is out of reach where something in `blocked` covers it; where that is only a
        negation, a pattern with a "not" of its own may still use it.
        """
        page = self.page
        negated = self.masks.get(NEGATED, 0) & blocked
        allowed = page.everywhere & ~blocked
        past_not = page.everywhere & ~(blocked & ~negated)
        last = 0
        for pattern, anywhere in self.found[rule.id]:
            free = allowed == page.everywhere
            last |= (anywhere if free else page.ends(pattern, allowed, past_not)) >> 1
        if last and (rule.only_me or rule.not_me):
            mine, theirs = self._speaking_of()
            last &= ~(theirs if rule.only_me else mine)
        now = ~((1 << page.now_from) - 1)
        if last and rule.with_:
            # What goes with it may stand after its "not": not had his tablets for five days.
            also = 0
            for pattern in rule.with_:
                also |= page.ends(pattern, past_not, past_not) >> 1
            fresh = last & now & self._near(also, rule.near)
            last = fresh | (last & self._near(also & now, rule.near))
        else:
            last &= now
        if last and rule.unless:
            last &= ~self._near(self._last_words(rule.unless), rule.near)
        return last

    def _near(self, mask: int, distance: int | None) -> int:
        if not mask:
            return 0
        if distance is None:
            return self.page.everywhere
        return self.page.spread(mask, distance, distance)

    def _hit(self, rule: Rule, severity: Severity, last: int) -> Hit:
        about = rule.about
        if about is About.AUTO:
            about = About.CALLER if last & self._speaking_of()[0] else About.INSIDE
        concern = rule.concern
        if about is About.CALLER and rule.if_caller:
            concern = rule.if_caller
            if rule.if_caller_severity and severity is not Severity.NONE:
                severity = max(severity, rule.if_caller_severity, key=_RANK.__getitem__)
        return Hit(rule, concern, severity, about)

    def _speaking_of(self) -> tuple[int, int]:
        """Return the words said of the caller, and those said of someone else.

        That is whoever was the subject last in the sentence; in "he said I ..." it is still he.
        """
        if self._said_of is None:
            page = self.page
            quoted = page.spread(page.last("<he-says>"), 0, _QUOTE_REACH)
            me = page.ones.get("<me>", 0)
            theirs = page.last("<he-is>") | (me & quoted)
            self._said_of = (
                page.spread(me & ~quoted, 0, _PERSON_REACH, theirs),
                page.spread(theirs, 0, _PERSON_REACH, me & ~quoted),
            )
        return self._said_of
