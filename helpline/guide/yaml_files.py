"""Reading and writing the YAML of guide_content: strict in, one canonical form out.

Plain YAML is too kind for words that families act on: it keeps the last of two equal keys, turns
`on` into a truth and a date into an object. Here only `true`, `false`, `null` and whole or decimal
numbers are more than text, so that a document is the same in a file, in JSON and in the database.
"""

import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn, cast

import yaml

from helpline.errors import GuideError

Document = dict[str, Any]
"""One YAML file as a dict. The comment lines at its top stand under COMMENT."""

COMMENT: Final = "#"
MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 12
_LIKE_A_NUMBER: Final = re.compile(r"[-+]?[0-9][0-9_.]*")
_PLAIN_RESOLVERS: Final = {
    "tag:yaml.org,2002:bool": (re.compile(r"^(?:true|false)$"), "tf"),
    "tag:yaml.org,2002:null": (re.compile(r"^(?:~|null|)$"), ["~", "n", ""]),
    "tag:yaml.org,2002:int": (re.compile(r"^-?(?:0|[1-9][0-9]*)$"), "-0123456789"),
    "tag:yaml.org,2002:float": (re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$"), "-0123456789"),
}


class _Loader(yaml.CSafeLoader):
    """A safe loader without YAML 1.1's surprises; equal keys are errors."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - PyYAML reads it here

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                problem = f"the key {key!r} is not text; put it in quotes"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            if key in seen:
                problem = f"the key {key!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    """Writes text as families' words are read: blocks for paragraphs, one line for the rest."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - PyYAML reads it here

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


for _tag, (_pattern, _first) in _PLAIN_RESOLVERS.items():
    _Loader.add_implicit_resolver(_tag, _pattern, list(_first))
    _Dumper.add_implicit_resolver(_tag, _pattern, list(_first))


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Text like 0800 or +44 is quoted, so that no other reader of YAML takes it for a number.
    style = "|" if "\n" in text else "'" if _LIKE_A_NUMBER.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def read_yaml(path: Path, root: Path) -> Document:
    """Read one file of the guide at `path`, which must truly lie inside the folder `root`.

    Returns its document, with the comment block at the top under COMMENT. Raises GuideError, naming
    the file relative to `root`, when the file is missing, a link out of the folder, over 256 KB,
    not UTF-8, not YAML, holds a tab as indentation or a key twice, or is not a mapping.
    """
    name = path.relative_to(root).as_posix()
    text = _read_text(path, root, name)
    for line_number, line in enumerate(text.splitlines(), start=1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            problem = f"{name}: line {line_number}: a tab is used as indentation; use two spaces"
            raise GuideError([problem])
    try:
        _refuse_nesting_and_aliases(text)
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - _Loader is a CSafeLoader
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.line + 1 if error.problem_mark else 1
        reason = error.problem or error.context or "not YAML"
        raise GuideError([f"{name}: line {at}: {reason}"]) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise GuideError([f"{name}: not YAML: {reason}"]) from error
    if not isinstance(document, dict):
        raise GuideError([f"{name}: the file must be a mapping of fields, such as `id: ...`"])
    comment = leading_comment(text)
    return {COMMENT: comment, **document} if comment else document


def _read_text(path: Path, root: Path, name: str) -> str:
    try:
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            raise GuideError([f"{name}: is a link out of {root.name}; put the file itself there"])
        if path.stat().st_size > MAX_BYTES:
            raise GuideError([f"{name}: is over 256 KB; a guide file is a few KB"])
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"{name}: is not UTF-8 (byte {error.start}); save it again as UTF-8"
        raise GuideError([problem]) from error
    except OSError as error:
        raise GuideError([f"{name}: cannot be read: {error.strerror}"]) from error


def _refuse_nesting_and_aliases(text: str) -> None:
    """Look at the events first: libyaml's composer recurses, and deep nesting would crash it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            _refuse(event, "anchors and aliases are not used here; write the words out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            _refuse(event, f"nested more than {MAX_DEPTH} deep")


def _refuse(event: yaml.Event, problem: str) -> NoReturn:
    mark = cast("yaml.Mark | None", event.start_mark)
    raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def leading_comment(text: str) -> str:
    """Return the comment lines that open a file, without their `# `; empty when there are none."""
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").removeprefix(" ").rstrip())
    return "\n".join(lines)


def dump(document: Mapping[str, Any]) -> str:
    """Write a document as YAML in the order of its keys, its COMMENT as comment lines on top."""
    body = {key: value for key, value in document.items() if key != COMMENT}
    comment = "".join(f"# {line}".rstrip() + "\n" for line in document.get(COMMENT, "").split("\n"))
    written: str = yaml.dump(
        body, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000, indent=2
    )
    return (comment if document.get(COMMENT) else "") + written
