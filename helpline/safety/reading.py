"""Reads the safety files, and remembers everything that is wrong with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from helpline.safety.lexicon import ASKED, NOT, NUMBER
from helpline.safety.normalise import plain
from helpline.safety.patterns import Pattern, PatternError, parse

BUILT_IN = frozenset({NUMBER, ASKED})
NEGATORS = "negators"  # the word group that counts as a "not" inside a pattern


@dataclass
class Reader:
    """What the word files hold, and the problems so far, each as file, field and reason."""

    folder: Path
    problems: list[str] = field(default_factory=list)
    negators: frozenset[str] = frozenset()
    groups: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)

    def wrong(self, where: str, reason: str) -> None:
        """Note a problem; reading goes on, so that an editor sees them all at once."""
        self.problems.append(f"{where}: {reason}")

    def files(self, kind: str, beginning: str = "") -> list[Path]:
        """Return the files of a folder in order, or report that there is none."""
        found = sorted((self.folder / kind).glob(f"{beginning}*.yml"))
        if not found:
            self.wrong(kind, f"no file {beginning}*.yml in this folder")
        return found

    def document(self, path: Path) -> dict[str, object]:
        """Return the fields of a file, or report why it cannot be read."""
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

    def one_of[T](self, where: str, value: object, kind: Callable[[str], T], fall: T) -> T:
        """Return the value as one of the words of an enum, or report it and return `fall`."""
        try:
            return kind(str(value))
        except ValueError:
            self.wrong(where, f'"{value}" is not one of the words allowed here')
            return fall

    def only(self, where: str, fields: Mapping[str, object], allowed: frozenset[str]) -> None:
        """Report fields that nothing reads: a slip in a field's name must not go unnoticed."""
        for unknown in sorted(set(fields) - allowed):
            self.wrong(f"{where}{unknown}", "is not a field that is read here")

    def patterns(self, where: str, value: object) -> tuple[Pattern, ...]:
        """Return the patterns of a field as they are matched, or report what is wrong with them."""
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

    def known(self, where: str, label: str) -> None:
        """Report a word group that no file has."""
        if label.startswith("<") and label not in BUILT_IN and label[1:-1] not in self.groups:
            self.wrong(where, f"there is no word group {label}")

    def as_read(self, entry: str, where: str) -> str:
        """Write a pattern as a message will be read: no words that say nothing, no short forms."""
        fillers = set(self.lists.get("fillers", ()))
        short = self.tables.get("textspeak", {})
        written: list[str] = []
        for piece in plain(entry).split():
            choices = piece.strip("()").split("/")
            kept = [choice for choice in choices if choice.lstrip("=") not in fillers]
            if not kept:
                continue
            meant = "/".join(short.get(choice, choice) for choice in kept).replace("'", "")
            if " " in meant and len(kept) > 1:
                # A short form of several words cannot stand beside others: the plain ones remain.
                meant = "/".join(c for c in kept if " " not in short.get(c, c))
            optional = piece.startswith("(") and " " not in meant
            written.append(f"({meant})" if optional else meant)
        written = self._without_helpers(written)
        if len(written) == 1 < len(entry.split()) and not where.startswith("languages/"):
            # "dead good" would come down to "dead": a rule for every message with that word.
            self.wrong(where, f'"{entry}": only "{written[0]}" is left of it: the rest is skipped')
        return " ".join(written)

    def _without_helpers(self, written: list[str]) -> list[str]:
        """Drop "has", "will" and their like before a "not", as they are dropped in a message."""
        helpers = set(self.lists.get("helpers", ()))
        words = " ".join(written).split()  # a short form may have brought in several words
        kept: list[str] = []
        for word, after in zip(words, [*words[1:], ""], strict=False):
            choices = word.strip("()").split("/")
            left = [choice for choice in choices if choice not in helpers]
            if after != NOT or len(left) == len(choices):
                kept.append(word)
            elif left:
                kept.append(f"({'/'.join(left)})")
        return kept
