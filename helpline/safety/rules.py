"""Reads and checks the rules in guide_content/safety.

Every fault is reported at once, as file, field and reason, so that an editor can mend them all.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from helpline.enums import ConcernKind, Severity
from helpline.errors import GuideError
from helpline.safety.lexicon import Lexicon
from helpline.safety.patterns import Fit, Pattern, by_rarity
from helpline.safety.reading import Reader
from helpline.safety.rulebook import (
    IDIOM,
    NEGATED,
    About,
    Cap,
    Indexed,
    Modifier,
    Pause,
    Rule,
    Rulebook,
)
from helpline.safety.word_files import read_words, words_of

FOLDER = Path(__file__).parents[2] / "guide_content" / "safety"
MODIFIERS = "modifiers"  # files whose names begin so hold modifiers, not rules
ANSWERS = "answers"
_RULE_FIELDS = frozenset(
    (
        *("id", "why", "concern", "severity", "say", "with", "near", "unless", "raise_if", "caps"),
        *("about", "if_caller", "if_caller_severity", "asks", "only_me", "not_me", "needs"),
        *("must", "must_not"),
    )
)
_MODIFIER_FIELDS = frozenset(("why", "say", "before", "after", "stops", "pause", "unless", "needs"))
_FILE_FIELDS = frozenset(("concern", "about", "if_caller", "caps", "rules"))
_FARTHEST = 40
_NEAR = 12
_ANYWHERE = "message"


def load(folder: Path = FOLDER) -> Rulebook:
    """Read, check and build the rules. Raises GuideError listing every fault found."""
    reader = Reader(folder)
    read_words(reader)
    modifiers = _read_modifiers(reader)
    names = {IDIOM, *(modifier.name for modifier in modifiers)}
    rules, foreign = (
        [
            rule
            for path in reader.files(kind)
            if not path.stem.startswith((MODIFIERS, ANSWERS))
            for rule in _read_rules(reader, path, names)
        ]
        for kind in ("rules", "languages")
    )
    answers = reader.document(folder / "rules" / f"{ANSWERS}.yml")
    yes, no = (
        reader.patterns(f"rules/{ANSWERS}.yml: {word}", answers.get(word)) for word in ("yes", "no")
    )
    for rule_id, times in Counter(rule.id for rule in (*rules, *foreign)).items():
        if times > 1:
            reader.wrong("rules", f'the id "{rule_id}" is used {times} times')
    if reader.problems:
        raise GuideError(reader.problems)
    return _build(reader, modifiers, rules, foreign, (yes, no))


@cache
def current() -> Rulebook:
    """Return the project's own rules, read once. Raises GuideError."""
    return load()


def _read_modifiers(reader: Reader) -> list[Modifier]:
    found: list[Modifier] = []
    for path in reader.files("rules", MODIFIERS):
        where = f"rules/{path.name}"
        entries = reader.document(path).get(MODIFIERS)
        if not isinstance(entries, dict):
            reader.wrong(f"{where}: {MODIFIERS}", "must hold names with fields")
            continue
        for name, fields in entries.items():
            if isinstance(fields, dict):
                earlier = {modifier.name for modifier in found}
                found.append(_read_modifier(reader, f"{where}: {name}", name, fields, earlier))
            else:
                reader.wrong(f"{where}: {name}", "must hold fields")
    if NEGATED not in {modifier.name for modifier in found}:
        reader.wrong("rules", f'the modifier "{NEGATED}" must be there')
    return found


def _read_modifier(
    reader: Reader, where: str, name: str, fields: Mapping[str, object], earlier: set[str]
) -> Modifier:
    reader.only(f"{where}.", fields, _MODIFIER_FIELDS)
    needs = fields.get("needs")
    if needs is not None and needs not in earlier:
        reader.wrong(f"{where}.needs", f'"{needs}" must be a modifier that stands before it')
    stops = tuple(reader.strings(f"{where}.stops", fields.get("stops")))
    for label in stops:
        reader.known(f"{where}.stops", label)
    pause = fields.get("pause")
    return Modifier(
        name=name,
        say=reader.patterns(f"{where}.say", fields.get("say")),
        before=_distance(reader, f"{where}.before", fields.get("before", 0)),
        after=_distance(reader, f"{where}.after", fields.get("after", 0)),
        stops=stops,
        pause=None if pause is None else reader.one_of(f"{where}.pause", pause, Pause, None),
        unless=reader.patterns(f"{where}.unless", fields.get("unless")),
        needs=needs if isinstance(needs, str) else None,
    )


def _distance(reader: Reader, where: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _FARTHEST:
        return value
    reader.wrong(where, f"must be a number of words from 0 to {_FARTHEST}")
    return 0


def _read_rules(reader: Reader, path: Path, modifiers: set[str]) -> Iterable[Rule]:
    where = f"{path.parent.name}/{path.name}"
    document = reader.document(path)
    reader.only(f"{where}: ", document, _FILE_FIELDS)
    entries = document.get("rules")
    if not isinstance(entries, list):
        reader.wrong(f"{where}: rules", "must be a list of rules")
        return
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, dict) and isinstance(entry.get("id"), str):
            yield _read_rule(reader, where, document, entry, modifiers)
        else:
            reader.wrong(f"{where}: rule {number}", "must hold fields, with an id")


def _read_rule(
    reader: Reader,
    path: str,
    document: Mapping[str, object],
    entry: Mapping[str, object],
    modifiers: set[str],
) -> Rule:
    where = f"{path}: {entry['id']}"
    reader.only(f"{where}.", entry, _RULE_FIELDS)
    for name, reason in (
        ("say", "a rule needs at least one pattern"),
        ("must", "a rule needs at least one example that it must notice"),
    ):
        if not entry.get(name):
            reader.wrong(f"{where}.{name}", reason)

    def choice[T](name: str, kind: Callable[[str], T], fall: T) -> T:
        value = entry.get(name, document.get(name))
        return fall if value is None else reader.one_of(f"{where}.{name}", value, kind, fall)

    def patterns(name: str) -> tuple[Pattern, ...]:
        return reader.patterns(f"{where}.{name}", entry.get(name))

    def examples(name: str) -> tuple[str, ...]:
        return tuple(reader.strings(f"{where}.{name}", entry.get(name)))

    concern = choice("concern", ConcernKind, None)
    if concern is None:
        reader.wrong(f"{where}.concern", "is missing")
    near = entry.get("near", _NEAR)
    return Rule(
        id=str(entry["id"]),
        concern=concern or ConcernKind.CHECK_FAILED,
        severity=reader.one_of(f"{where}.severity", entry.get("severity"), Severity, Severity.NONE),
        say=patterns("say"),
        with_=patterns("with"),
        near=None if near == _ANYWHERE else _distance(reader, f"{where}.near", near),
        unless=patterns("unless"),
        raise_if=patterns("raise_if"),
        caps=_caps(reader, where, document.get("caps"), entry.get("caps"), modifiers),
        about=choice("about", About, About.INSIDE),
        if_caller=choice("if_caller", ConcernKind, None),
        if_caller_severity=choice("if_caller_severity", Severity, None),
        asks=entry.get("asks") is True,
        only_me=entry.get("only_me") is True,
        not_me=entry.get("not_me") is True,
        needs=tuple(
            reader.one_of(f"{where}.needs", kind, ConcernKind, ConcernKind.CHECK_FAILED)
            for kind in examples("needs")
        ),
        must=examples("must"),
        must_not=examples("must_not"),
    )


def _caps(
    reader: Reader, where: str, of_file: object, of_rule: object, modifiers: set[str]
) -> dict[str, Cap]:
    """Return what each modifier lets the rule come to; the rule's own word wins over its file's."""
    caps = {NEGATED: Cap.NONE, IDIOM: Cap.NONE}
    for given in (of_file, of_rule):
        if given is None:
            continue
        if not isinstance(given, dict):
            reader.wrong(f"{where}.caps", "must hold modifiers with none, check, urgent or keep")
            continue
        for name, cap in given.items():
            if name not in modifiers:
                reader.wrong(f"{where}.caps.{name}", "is not a modifier")
            elif cap == "keep":
                caps.pop(name, None)
            else:
                caps[name] = reader.one_of(f"{where}.caps.{name}", cap, Cap, Cap.NONE)
    return caps


def _build(
    reader: Reader,
    modifiers: Sequence[Modifier],
    rules: Sequence[Rule],
    foreign: Sequence[Rule],
    answers: tuple[tuple[Pattern, ...], tuple[Pattern, ...]],
) -> Rulebook:
    yes, no = answers
    lexicon = Lexicon(
        words_of(reader),
        [
            *(pattern for rule in rules for pattern in rule.patterns()),
            *(pattern for modifier in modifiers for pattern in (*modifier.say, *modifier.unless)),
            *yes,
            *no,
        ],
        [pattern for rule in foreign for pattern in rule.patterns()],
    )
    sayings = [(p, owner.id) for owner in (*rules, *foreign) for p in owner.say]
    sayings += [(p, modifier.name) for modifier in modifiers for p in modifier.say]
    by_label: dict[str, list[int]] = {}
    indexed: list[Indexed] = []
    for number, (pattern, owner) in enumerate(sayings):
        fits = by_rarity((step.fit for step in pattern.steps), lexicon.weight)
        indexed.append(Indexed(pattern, owner))
        for label in fits[0].labels:
            by_label.setdefault(label, []).append(number)
    fits_by_label: dict[str, set[Fit]] = {}
    every = [p for rule in (*rules, *foreign) for p in rule.patterns()]
    every += [p for modifier in modifiers for p in (*modifier.say, *modifier.unless)]
    for fit in {fit for pattern in (*every, *yes, *no) for fit in pattern.fits}:
        for label in fit.labels:
            fits_by_label.setdefault(label, set()).add(fit)
    return Rulebook(
        lexicon=lexicon,
        modifiers=tuple(modifiers),
        rules=(*rules, *foreign),
        sayings=tuple(indexed),
        by_label=by_label,
        fits_by_label={label: tuple(fits) for label, fits in fits_by_label.items()},
        yes=yes,
        no=no,
    )
