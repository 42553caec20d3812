"""The one form of a topic's file: what export writes, so that import and export leave no diff."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from helpline.guide.content import SECTIONS
from helpline.guide.yaml_files import COMMENT, Document, dump

_CHANNELS: Final = ("web", "sms", "voice", "easy_read")
_ORDER: Final = (
    COMMENT, "id", "section", "title", "status", "owner", "reviewed_on", "review_by", "approval",
    "questions", "answers", "variants", "next", "sources",
)  # fmt: skip
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "approval": ("by", "on"),
    "answers": _CHANNELS,
    "variants": ("applies_to", *_CHANNELS),
    "sources": ("title", "url", "seen"),
}


def normalise(document: Document) -> Document:
    """Return a topic's document with its fields in the house order and its wordings tidied.

    A wording loses spaces at line ends and blank lines around it, and ends with one newline;
    `variants` is always there. Nothing else changes, and doing it twice changes nothing more.
    """
    full: Document = {"variants": [], **document}
    done: Document = {key: _part(key, full[key]) for key in _ORDER if key in full}
    return {**done, **{key: value for key, value in full.items() if key not in done}}


def _part(key: str, value: object) -> object:
    order = _PARTS.get(key)
    if order is None:
        return value
    if isinstance(value, list):
        return [_ordered(entry, order) for entry in value]
    return _ordered(value, order) if isinstance(value, dict) else value


def _ordered(entry: Mapping[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    keys = [*(key for key in order if key in entry), *(key for key in entry if key not in order)]
    return {key: _tidy(entry[key]) if key in _CHANNELS else entry[key] for key in keys}


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).rstrip() + "\n"


def canonical(document: Document) -> str:
    """Return the text of the file that holds a topic's document."""
    return dump(normalise(document))


def content_hash(document: Document) -> str:
    """Return the SHA-256 of a document's content, the same whatever order its fields came in."""
    text = json.dumps(normalise(document), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def path_in(folder: Path, document: Document) -> Path:
    """Return where a topic's file belongs under the guide `folder`."""
    return folder / "topics" / SECTIONS[document["section"]] / f"{document['id']}.yml"
