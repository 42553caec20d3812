"""Reads and checks the word files in guide_content/safety/words."""

from helpline.safety.lexicon import Words
from helpline.safety.patterns import PatternError, parse, without_gaps
from helpline.safety.reading import BUILT_IN, NEGATORS, Reader
from helpline.safety.rulebook import IDIOM
from helpline.safety.spelling import Spelling

_GROUPS = "groups"
_LISTS = frozenset({"fillers", "helpers", "uninflected", "look_alikes", "guess", "far"})
_TABLES = frozenset({"common", "misheard", "irregular", "textspeak"})


def read_words(reader: Reader) -> None:
    """Read every word file into the reader, and report what is wrong with them."""
    sources: dict[str, str] = {}
    for path in reader.files("words"):
        where = f"words/{path.name}"
        document = reader.document(path)
        reader.only(f"{where}: ", document, _LISTS | _TABLES | {"about", _GROUPS})
        for name in _LISTS & document.keys():
            found = reader.strings(f"{where}: {name}", document[name])
            reader.lists.setdefault(name, []).extend(found)
        for name in (_TABLES | {_GROUPS}) & document.keys():
            value = document[name]
            if not isinstance(value, dict):
                reader.wrong(f"{where}: {name}", "must hold names with values")
            elif name == _GROUPS:
                _read_groups(reader, where, value, sources)
            else:
                table = {str(said): str(meant) for said, meant in value.items()}
                reader.tables.setdefault(name, {}).update(table)
    _write_as_read(reader, sources)
    reader.negators = _negators(reader)
    if IDIOM not in reader.groups:
        reader.wrong("words", f'the word group "{IDIOM}" is missing')
    _check_groups(reader, sources)


def _read_groups(
    reader: Reader, where: str, groups: dict[str, object], sources: dict[str, str]
) -> None:
    for group, entries in groups.items():
        if group in reader.groups:
            reader.wrong(f"{where}: groups.{group}", f"is also in {sources[group]}")
        sources[group] = where
        reader.groups[group] = reader.strings(f"{where}: groups.{group}", entries)


def _write_as_read(reader: Reader, sources: dict[str, str]) -> None:
    for group, entries in reader.groups.items():
        where = f"{sources[group]}: groups.{group}"
        reader.groups[group] = [read for entry in entries if (read := reader.as_read(entry, where))]
    short = reader.tables.get("textspeak", {})
    reader.tables["misheard"] = {
        " ".join(short.get(word, word) for word in said.split()): meant
        for said, meant in reader.tables.get("misheard", {}).items()
    }


def _negators(reader: Reader) -> frozenset[str]:
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


def _check_groups(reader: Reader, sources: dict[str, str]) -> None:
    for group, entries in reader.groups.items():
        where = f"{sources[group]}: groups.{group}"
        for pattern in reader.patterns(where, entries):
            try:
                list(without_gaps(pattern))
            except PatternError as exc:
                reader.wrong(where, f'"{pattern.text}": {exc}')
    if not reader.problems:
        _refuse_circles(reader)


def _refuse_circles(reader: Reader) -> None:
    uses = {
        group: {
            label[1:-1]
            for entry in entries
            for pattern in parse(entry)
            for label in pattern.labels()
            if label.startswith("<") and label not in BUILT_IN
        }
        for group, entries in reader.groups.items()
    }
    while free := {group for group, needed in uses.items() if not needed & uses.keys()}:
        for group in free:
            del uses[group]
    for group in sorted(uses):
        reader.wrong(f"words: groups.{group}", "refers to itself through other groups")


def words_of(reader: Reader) -> Words:
    """Return what the word files hold, ready to be built into a Lexicon."""
    lists, tables = reader.lists, reader.tables
    return Words(
        groups=reader.groups,
        spelling=Spelling(
            irregular={base: forms.split() for base, forms in tables.get("irregular", {}).items()},
            textspeak=tables.get("textspeak", {}),
            uninflected=lists.get("uninflected", ()),
            look_alikes=lists.get("look_alikes", ()),
            guess=lists.get("guess", ()),
            far=lists.get("far", ()),
        ),
        fillers=lists.get("fillers", ()),
        helpers=lists.get("helpers", ()),
        misheard=tables.get("misheard", {}),
        common={word: int(often) for word, often in tables.get("common", {}).items()},
    )
