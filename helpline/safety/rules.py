"""Reads and checks the rules in guide_content/safety.

Every fault is reported at once, as file, field and reason, so that an editor can mend them all.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from helpline.enums import ConcernKind, Severity
from helpline.errors import GuideError
from helpline.safety.lexicon import NOT, NUMBER, Lexicon, Words
from helpline.safety.normalise import plain
from helpline.safety.patterns import Pattern, PatternError, by_rarity, parse, without_gaps
from helpline.safety.rulebook import IDIOM, NEGATED, About, Cap, Indexed, Modifier, Pause, Rule, Rulebook, Use
from helpline.safety.spelling import Spelling

FOLDER = Path(__file__).parents[2] / "guide_content" / "safety"
MODIFIERS = "modifiers"  # files of this name hold modifiers, not rules
ANSWERS = "answers"
NEGATORS = "negators"  # the word group that counts as a "not" inside a pattern
_WORD_FIELDS = frozenset(
    {
        "about",
        "groups",
        "fillers",
        "helpers",
        "common",
        "misheard",
        "irregular",
        "textspeak",
        "uninflected",
        "look_alikes",
        "guess",
        "far",
    }
)
_RULE_FIELDS = frozenset(
    {
        "id",
        "why",
        "concern",
        "severity",
        "say",
        "with",
        "near",
        "unless",
        "raise_if",
        "caps",
        "about",
        "if_caller",
        "if_caller_severity",
        "asks",
        "only_me",
        "not_me",
        "needs",
        "must",
        "must_not",
    }
)
_MODIFIER_FIELDS = frozenset(
    {"why", "say", "before", "after", "stops", "pause", "unless", "needs"}
)
_FILE_FIELDS = frozenset({"concern", "about", "if_caller", "caps", "rules"})
_FARTHEST = 40


@dataclass
class _Reader:
    """Collects what the files say and what is wrong with them."""

    folder: Path
    problems: list[str] = field(default_factory=list)
    negators: frozenset[str] = frozenset()
    groups: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, dict[str, object]] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)

    def wrong(self, where: str, reason: str) -> None:
        self.problems.append(f"{where}: {reason}")

    def files(self, kind: str) -> list[Path]:
        found = sorted((self.folder / kind).glob("*.yml"))
        if not found:
            self.wrong(str(kind), "no .yml file in this folder")
        return found

    def document(self, path: Path) -> dict[str, object]:
        where = f"{path.parent.name}/{path.name}"
        try:
            document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
            self.wrong(where, f"cannot be read: {' '.join(str(exc).split())}")
            return {}
        if not isinstance(document, dict):
            self.wrong(where, "the file must hold fields, not a list or a text")
            return {}
        return document

    def strings(self, where: str, value: object) -> list[str]:
        """Return the value as a list of texts, or report it."""
        if value is None:
            return []
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list):
            self.wrong(where, "must be a list of texts")
            return []
        good = [entry for entry in value if isinstance(entry, str) and entry.strip()]
        if len(good) != len(value):
            # YAML reads a bare no, yes or 14 as something other than a text.
            self.wrong(where, 'every entry must be a text; put "quotes" round no, yes and figures')
        return good

    def patterns(self, where: str, value: object) -> tuple[Pattern, ...]:
        parsed: list[Pattern] = []
        for entry in self.strings(where, value):
            try:
                found = parse(self.as_read(entry, where), self.negators)
            except PatternError as exc:
                self.wrong(where, f'"{entry}": {exc}')
                continue
            for label in {x for pattern in found for x in pattern.labels()}:
                self.known(where, label)
            parsed.extend(found)
        return tuple(parsed)

    def as_read(self, entry: str, where: str) -> str:
        """Write a pattern as a message will be read: no words that say nothing, no short forms."""
        fillers = set(self.lists.get("fillers", ()))
        short = self.tables.get("textspeak", {})
        written: list[str] = []
        for piece in plain(entry).split():
            bare = piece.strip("()")
            choices = bare.split("/")
            kept = [choice for choice in choices if choice.lstrip("=") not in fillers]
            if not kept:
                continue
            meant = "/".join(str(short.get(choice, choice)) for choice in kept).replace("'", "")
            if " " in meant and len(kept) > 1:
                # A short form of several words cannot stand beside others: the plain ones remain.
                meant = "/".join(c for c in kept if " " not in str(short.get(c, c)))
            optional = piece.startswith("(")
            written.append(f"({meant})" if optional and " " not in meant else meant)
        written = self.without_helpers(written)
        if len(written) == 1 < len(entry.split()) and not where.startswith("languages/"):
            # "dead good" would come down to "dead": a rule for every message with that word.
            self.wrong(where, f'"{entry}": only "{written[0]}" is left of it: the rest is skipped')
        return " ".join(written)

    def without_helpers(self, written: list[str]) -> list[str]:
        """Drop "has", "will" and their like before a "not", as they are dropped in a message."""
        helpers = set(self.lists.get("helpers", ()))
        kept: list[str] = []
        # A short form may have brought in several words.
        words = " ".join(written).split()
        for word, after in zip(words, [*words[1:], ""], strict=False):
            choices = word.strip("()").split("/")
            left = [choice for choice in choices if choice not in helpers]
            if after != NOT or len(left) == len(choices):
                kept.append(word)
            elif left:
                kept.append(f"({'/'.join(left)})")
        return kept

    def known(self, where: str, label: str) -> None:
        if label.startswith("<") and label[1:-1] not in self.groups and label not in _BUILT_IN:
            self.wrong(where, f"there is no word group {label}")


_BUILT_IN = frozenset({NUMBER, "<asked>"})


def load(folder: Path = FOLDER) -> Rulebook:
    """Read, check and build the rules. Raises GuideError listing every fault found."""
    reader = _Reader(folder)
    _read_words(reader)
    modifiers = _read_modifiers(reader)
    names = {IDIOM, *(m.name for m in modifiers)}
    rules, foreign = (
        [
            rule
            for path in reader.files(kind)
            if not path.stem.startswith((MODIFIERS, ANSWERS))
            for rule in _read_rules(reader, path, names)
        ]
        for kind in ("rules", "languages")
    )
    answers = reader.document(folder / "rules" / "answers.yml")
    yes = reader.patterns("rules/answers.yml: yes", answers.get("yes"))
    for rule_id, times in Counter(rule.id for rule in (*rules, *foreign)).items():
        if times > 1:
            reader.wrong("rules", f'the id "{rule_id}" is used {times} times')
    if reader.problems:
        raise GuideError(reader.problems)
    return _build(reader, modifiers, rules, foreign, yes)


@cache
def current() -> Rulebook:
    """Return the project's own rules, read once. Raises GuideError."""
    return load()


def _read_words(reader: _Reader) -> None:
    sources: dict[str, str] = {}
    for path in reader.files("words"):
        where = f"words/{path.name}"
        for name, value in reader.document(path).items():
            if name not in _WORD_FIELDS:
                reader.wrong(f"{where}: {name}", "is not a field of a word file")
            elif name == "groups" and isinstance(value, dict):
                for group, entries in value.items():
                    if group in reader.groups:
                        reader.wrong(f"{where}: groups.{group}", f"is also in {sources[group]}")
                    sources[group] = where
                    reader.groups[group] = reader.strings(f"{where}: groups.{group}", entries)
            elif name in {"fillers", "helpers", "uninflected", "look_alikes", "guess", "far"}:
                reader.lists.setdefault(name, []).extend(reader.strings(f"{where}: {name}", value))
            elif name in {"common", "misheard", "irregular", "textspeak"} and isinstance(value, dict):
                reader.tables.setdefault(name, {}).update(value)
            elif name != "about":
                reader.wrong(f"{where}: {name}", "must hold names with values")
    for group, entries in reader.groups.items():
        where = f"{sources[group]}: groups.{group}"
        reader.groups[group] = [
            read for entry in entries if (read := reader.as_read(entry, where))
        ]
    reader.negators = _negators(reader)
    for group, entries in reader.groups.items():
        where = f"{sources[group]}: groups.{group}"
        for pattern in reader.patterns(where, entries):
            try:
                list(without_gaps(pattern))
            except PatternError as exc:
                reader.wrong(where, f'"{pattern.text}": {exc}')
    short = reader.tables.get("textspeak", {})
    reader.tables["misheard"] = {
        " ".join(str(short.get(word, word)) for word in str(said).split()): meant
        for said, meant in reader.tables.get("misheard", {}).items()
    }
    if not reader.problems:
        _refuse_circles(reader)


def _negators(reader: _Reader) -> frozenset[str]:
    """Return the labels that are a "not" or begin with one, through groups of groups."""
    labels = set(reader.groups.get(NEGATORS, ()))
    if not labels:
        reader.wrong("words", f'the word group "{NEGATORS}" is missing')
    size = -1
    while size != len(labels):
        size = len(labels)
        for group, entries in reader.groups.items():
            heads = {head for entry in entries for head in entry.split()[0].strip("()").split("/")}
            if heads & labels:
                labels.add(f"<{group}>")
    return frozenset(labels)


def _refuse_circles(reader: _Reader) -> None:
    uses = {
        group: {
            label[1:-1]
            for entry in entries
            for pattern in parse(entry)
            for label in pattern.labels()
            if label.startswith("<") and label not in _BUILT_IN
        }
        for group, entries in reader.groups.items()
    }
    while True:
        free = {group for group, needed in uses.items() if not needed & uses.keys()}
        if not free:
            break
        for group in free:
            del uses[group]
    for group in sorted(uses):
        reader.wrong(f"words: groups.{group}", "refers to itself through other groups")


def _read_modifiers(reader: _Reader) -> list[Modifier]:
    found: list[Modifier] = []
    for path in sorted((reader.folder / "rules").glob(f"{MODIFIERS}*.yml")):
        where = f"rules/{path.name}"
        entries = reader.document(path).get(MODIFIERS)
        if isinstance(entries, dict):
            found += _read_modifier_file(reader, where, entries, {m.name for m in found})
        else:
            reader.wrong(f"{where}: {MODIFIERS}", "must hold names with fields")
    if NEGATED not in {m.name for m in found}:
        reader.wrong("rules", f'the modifier "{NEGATED}" must be there')
    if IDIOM not in reader.groups:
        reader.wrong("words", f'the word group "{IDIOM}" is missing')
    return found


def _read_modifier_file(
    reader: _Reader, where: str, entries: Mapping[str, object], earlier: set[str]
) -> list[Modifier]:
    found: list[Modifier] = []
    for name, fields in entries.items():
        here = f"{where}: {name}"
        if not isinstance(fields, dict):
            reader.wrong(here, "must hold fields")
            continue
        for unknown in fields.keys() - _MODIFIER_FIELDS:
            reader.wrong(f"{here}.{unknown}", "is not a field of a modifier")
        needs = fields.get("needs")
        if needs is not None and needs not in {*earlier, *(m.name for m in found)}:
            reader.wrong(f"{here}.needs", f'"{needs}" must be a modifier that stands before it')
        stops = tuple(reader.strings(f"{here}.stops", fields.get("stops")))
        for label in stops:
            reader.known(f"{here}.stops", label)
        found.append(
            Modifier(
                name=name,
                say=reader.patterns(f"{here}.say", fields.get("say")),
                before=_distance(reader, f"{here}.before", fields.get("before", 0)),
                after=_distance(reader, f"{here}.after", fields.get("after", 0)),
                stops=stops,
                pause=_one_of(reader, f"{here}.pause", fields["pause"], Pause, None)
                if "pause" in fields
                else None,
                unless=reader.patterns(f"{here}.unless", fields.get("unless")),
                needs=needs if isinstance(needs, str) else None,
            )
        )
    return found


def _distance(reader: _Reader, where: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _FARTHEST:
        return value
    reader.wrong(where, f"must be a number of words from 0 to {_FARTHEST}")
    return 0


def _one_of[T](reader: _Reader, where: str, value: object, kind: Callable[[str], T], fall: T) -> T:
    try:
        return kind(str(value))
    except ValueError:
        reader.wrong(where, f'"{value}" is not one of the words allowed here')
        return fall


def _caps(reader: _Reader, where: str, value: object, names: set[str]) -> dict[str, Cap]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        reader.wrong(where, "must hold modifiers with none, check, urgent or keep")
        return {}
    caps: dict[str, Cap] = {}
    for name, cap in value.items():
        if name not in names:
            reader.wrong(f"{where}.{name}", "is not a modifier")
        elif cap != "keep":
            caps[name] = _one_of(reader, f"{where}.{name}", cap, Cap, Cap.NONE)
    return caps


def _read_rules(reader: _Reader, path: Path, modifiers: set[str]) -> Iterable[Rule]:
    where = f"{path.parent.name}/{path.name}"
    document = reader.document(path)
    for unknown in document.keys() - _FILE_FIELDS:
        reader.wrong(f"{where}: {unknown}", "is not a field of a rule file")
    entries = document.get("rules")
    if not isinstance(entries, list):
        reader.wrong(f"{where}: rules", "must be a list of rules")
        return
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            reader.wrong(f"{where}: rule {number}", "must hold fields, with an id")
            continue
        yield _read_rule(reader, where, document, entry, modifiers)


def _read_rule(
    reader: _Reader,
    path: str,
    document: Mapping[str, object],
    entry: Mapping[str, object],
    modifiers: set[str],
) -> Rule:
    where = f"{path}: {entry['id']}"
    for unknown in entry.keys() - _RULE_FIELDS:
        reader.wrong(f"{where}.{unknown}", "is not a field of a rule")
    if not entry.get("say"):
        reader.wrong(f"{where}.say", "a rule needs at least one pattern")
    if not entry.get("must"):
        reader.wrong(f"{where}.must", "a rule needs at least one example that it must notice")

    def choice[T](name: str, kind: Callable[[str], T], fall: T) -> T:
        value = entry.get(name, document.get(name))
        return fall if value is None else _one_of(reader, f"{where}.{name}", value, kind, fall)

    if entry.get("concern", document.get("concern")) is None:
        reader.wrong(f"{where}.concern", "is missing")
    caller_severity = entry.get("if_caller_severity")
    raised = choice("if_caller", ConcernKind, ConcernKind.CHECK_FAILED)
    near = entry.get("near", 12)
    own = entry.get("caps")
    lifted = (
        {name for name, cap in own.items() if cap == "keep"} if isinstance(own, dict) else set()
    )
    caps = {NEGATED: Cap.NONE, IDIOM: Cap.NONE}
    caps |= _caps(reader, f"{where}.caps", document.get("caps"), modifiers)
    caps |= _caps(reader, f"{where}.caps", own, modifiers)
    return Rule(
        id=str(entry["id"]),
        concern=choice("concern", ConcernKind, ConcernKind.CHECK_FAILED),
        severity=_one_of(
            reader, f"{where}.severity", entry.get("severity"), Severity, Severity.NONE
        ),
        say=reader.patterns(f"{where}.say", entry.get("say")),
        with_=reader.patterns(f"{where}.with", entry.get("with")),
        near=None if near == "message" else _distance(reader, f"{where}.near", near),
        unless=reader.patterns(f"{where}.unless", entry.get("unless")),
        raise_if=reader.patterns(f"{where}.raise_if", entry.get("raise_if")),
        caps={name: cap for name, cap in caps.items() if name not in lifted},
        about=choice("about", About, About.INSIDE),
        if_caller=None if raised is ConcernKind.CHECK_FAILED else raised,
        if_caller_severity=None
        if caller_severity is None
        else _one_of(reader, f"{where}.if_caller_severity", caller_severity, Severity, None),
        asks=entry.get("asks") is True,
        only_me=entry.get("only_me") is True,
        not_me=entry.get("not_me") is True,
        needs=tuple(
            _one_of(reader, f"{where}.needs", kind, ConcernKind, ConcernKind.CHECK_FAILED)
            for kind in reader.strings(f"{where}.needs", entry.get("needs"))
        ),
        must=tuple(reader.strings(f"{where}.must", entry.get("must"))),
        must_not=tuple(reader.strings(f"{where}.must_not", entry.get("must_not"))),
    )


def _build(
    reader: _Reader,
    modifiers: Sequence[Modifier],
    rules: Sequence[Rule],
    foreign: Sequence[Rule],
    yes: tuple[Pattern, ...],
) -> Rulebook:
    def table(name: str) -> dict[str, str]:
        return {str(said): str(meant) for said, meant in reader.tables.get(name, {}).items()}

    irregular = {
        base: str(forms).split() for base, forms in reader.tables.get("irregular", {}).items()
    }
    modified = [(p, m.name, Use.SAY) for m in modifiers for p in m.say]
    modified += [(p, m.name, Use.UNLESS) for m in modifiers for p in m.unless]
    english = [(p, rule.id, use) for rule in rules for p, use in rule.patterns()] + modified
    abroad = [(p, rule.id, use) for rule in foreign for p, use in rule.patterns()]
    lexicon = Lexicon(
        Words(
            groups=reader.groups,
            spelling=Spelling(
                irregular=irregular,
                textspeak=table("textspeak"),
                uninflected=reader.lists.get("uninflected", ()),
                look_alikes=reader.lists.get("look_alikes", ()),
                guess=reader.lists.get("guess", ()),
                far=reader.lists.get("far", ()),
            ),
            fillers=reader.lists.get("fillers", ()),
            helpers=reader.lists.get("helpers", ()),
            misheard=table("misheard"),
            common={w: int(str(n)) for w, n in reader.tables.get("common", {}).items()},
        ),
        [*(p for p, _, _ in english), *yes],
        [p for p, _, _ in abroad],
    )
    every = (*english, *abroad)
    by_label: dict[str, list[int]] = {}
    indexed: list[Indexed] = []
    for number, (pattern, owner, use) in enumerate(every):
        first, *rest = by_rarity((step.fit for step in pattern.steps), lexicon.weight)
        indexed.append(Indexed(pattern, owner, use, tuple(rest)))
        for label in first.labels:
            by_label.setdefault(label, []).append(number)
    return Rulebook(
        lexicon=lexicon,
        modifiers=tuple(modifiers),
        rules=(*rules, *foreign),
        patterns=tuple(indexed),
        by_label=by_label,
        yes=yes,
    )
