"""What a rule is, once read and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from helpline.enums import ConcernKind, Severity
from helpline.safety.lexicon import Lexicon
from helpline.safety.patterns import Fit, Pattern

NEGATED = "negated"  # the modifier that a pattern with a "not" of its own may pass
IDIOM = "idiom"  # the word group, and the modifier, of sayings that mean no harm


class Cap(StrEnum):
    """The most a modifier lets a rule come to: nothing, the check question, a person today."""

    NONE = "none"
    CHECK = "check"
    URGENT = "urgent"


class About(StrEnum):
    """Who the danger is to: someone in prison, or the caller and those with them."""

    INSIDE = "inside"
    CALLER = "caller"
    AUTO = "auto"  # in a rule only: whoever is named just before the match


class Pause(StrEnum):
    """Which way a pause stops a modifier: 3 years ago, he tried. He tried 3 years ago, and now."""

    BEFORE = "before"
    BOTH = "both"


@dataclass(frozen=True)
class Modifier:
    """Words that change what the words around them mean: a negation, a time, a question."""

    name: str
    say: tuple[Pattern, ...]
    before: int = 0
    after: int = 0
    stops: tuple[str, ...] = ()
    pause: Pause | None = None
    unless: tuple[Pattern, ...] = ()
    needs: str | None = None  # counts only where this earlier modifier counts too


@dataclass(frozen=True)
class Rule:
    """One way of saying one concern. `near` is in words; None is anywhere in the message."""

    id: str
    concern: ConcernKind
    severity: Severity
    say: tuple[Pattern, ...]
    with_: tuple[Pattern, ...] = ()
    near: int | None = 12
    unless: tuple[Pattern, ...] = ()
    raise_if: tuple[Pattern, ...] = ()
    caps: Mapping[str, Cap] = field(default_factory=dict)
    about: About = About.INSIDE
    if_caller: ConcernKind | None = None
    if_caller_severity: Severity | None = None
    asks: bool = False
    only_me: bool = False  # only where the caller does not speak of someone else
    not_me: bool = False  # only where the caller does not speak of themselves
    needs: tuple[ConcernKind, ...] = ()
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()

    def patterns(self) -> tuple[Pattern, ...]:
        """Return every pattern of the rule."""
        return (*self.say, *self.with_, *self.unless, *self.raise_if)


@dataclass(frozen=True, slots=True)
class Indexed:
    """A pattern that a rule or modifier looks for."""

    pattern: Pattern
    owner: str


@dataclass(frozen=True)
class Rulebook:
    """Everything the screen needs, built once.

    sayings: what rules and modifiers look for first. by_label: which of them to try when a message
    holds a label; fits_by_label: what fits then. The two indexes keep a quiet message quick.
    """

    lexicon: Lexicon
    modifiers: tuple[Modifier, ...]
    rules: tuple[Rule, ...]
    sayings: tuple[Indexed, ...]
    by_label: Mapping[str, Sequence[int]]
    fits_by_label: Mapping[str, Sequence[Fit]]
    yes: tuple[Pattern, ...]  # a plain yes to the check question
    no: tuple[Pattern, ...]  # a no to it, and nothing more
