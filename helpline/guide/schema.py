"""Checking documents against guide_content/schema.json, with errors an editor can act on."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from helpline.guide.yaml_files import COMMENT

SCHEMA_FILE: Final = "schema.json"
_KINDS: Final = ("service", "prison", "phrases", "names", "fallback", "cautions", "glossary")
_TYPE_WORDS: Final = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "empty",
    "object": "a group of fields",
    "string": "text",
}
_PATTERN_WORDS: Final = {
    r"^\S(.*\S)?$": "one line of text without spaces around it",
    r"^\d{4}-\d{2}-\d{2}$": "a date such as 2026-11-21",
    r"^https?://[^\s<>\"]+$": "a web address starting with https://",
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "small letters, digits and hyphens",
    r"\S": "words; it is empty",
    r"^[0-9][0-9 ]{1,16}[0-9]$": "digits in groups, such as 020 7946 0000",
}


class Schema:
    """The schema file of a guide folder: one validator a kind of document."""

    def __init__(self, folder: Path) -> None:
        """Read schema.json of `folder`. Raises OSError or ValueError if it is missing or broken."""
        self._validators = _validators((folder / SCHEMA_FILE).read_text(encoding="utf-8"))

    def problems(self, kind: str, document: Mapping[str, Any], file: str) -> list[str]:
        """Return what is wrong with `document` as a `kind`, each as "file: field: reason"."""
        body = {key: value for key, value in document.items() if key != COMMENT}
        faults = list(_leaves(self._validators[kind].iter_errors(body)))
        misshapen = {_field(fault) for fault in faults if fault.validator == "pattern"}
        return sorted(
            {
                f"{file}: {_field(fault)}: {_reason(fault)}"
                for fault in faults
                if not (fault.validator == "format" and _field(fault) in misshapen)
            }
        )


@lru_cache(maxsize=2)
def _validators(text: str) -> dict[str, Draft202012Validator]:
    root: dict[str, Any] = json.loads(text)
    Draft202012Validator.check_schema(root)
    defs = root.pop("$defs")
    parts = {kind: _validator(defs[kind], defs) for kind in _KINDS}
    return {"topic": _validator(root, defs), **parts}


def _validator(schema: dict[str, Any], defs: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(_inline(schema, defs), format_checker=FormatChecker(["date"]))


def _inline(node: Any, defs: dict[str, Any]) -> Any:  # noqa: ANN401 - any part of a schema
    """Put each `$ref` to our own `$defs` in its place: looking them up is half the loading time."""
    if isinstance(node, list):
        return [_inline(part, defs) for part in node]
    if not isinstance(node, dict):
        return node
    beside = {key: _inline(value, defs) for key, value in node.items() if key != "$ref"}
    if "$ref" not in node:
        return beside
    return {**_inline(defs[node["$ref"].removeprefix("#/$defs/")], defs), **beside}


def _leaves(errors: Iterator[ValidationError]) -> Iterator[ValidationError]:
    """Replace "matches none of these" by what is wrong with the shape that was meant."""
    for error in errors:
        if error.validator != "anyOf" or not error.context:
            yield error
            continue
        meant = [part for part in error.context if not _is_other_shape(part)]
        yield from meant or error.context[:1]


def _is_other_shape(part: ValidationError) -> bool:
    return not part.relative_path and part.validator in {"type", "const"}


def _field(error: ValidationError) -> str:
    path = ".".join(str(part) for part in error.absolute_path)
    return path or "the file"


def _reason(error: ValidationError) -> str:  # noqa: PLR0911 - one line a rule
    value: Any = error.instance
    rule: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "required":
            return f"the field {error.message.removesuffix(' is a required property')} is missing"
        case "additionalProperties":
            known = set(schema.get("properties", {}))
            extra = sorted(set(value) - known)
            return f"{', '.join(map(repr, extra))}: no such field here"
        case "enum":
            return f"{value!r} is not one of {', '.join(map(str, rule))}"
        case "type":
            kinds: list[str] = rule if isinstance(rule, list) else [rule]
            wanted = " or ".join(_TYPE_WORDS.get(kind, kind) for kind in kinds)
            return f"{_short(value)} should be {wanted}"
        case "pattern":
            return f"{_short(value)} should be {_PATTERN_WORDS.get(rule, f'text like {rule}')}"
        case "format":
            return f"{_short(value)} is not a day of the calendar"
        case "uniqueItems":
            return "an entry stands twice"
        case "minItems":
            return f"needs at least {rule}"
        case "maxItems":
            return f"has more than {rule}"
        case _:
            return error.message[:200]


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004 - one line
