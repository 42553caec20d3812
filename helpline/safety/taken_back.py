"""Noticing that a family takes a worry back. It is passed on; it never closes anything."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from helpline.errors import GuideError

FILE = Path(__file__).resolve().parents[2] / "guide_content" / "safety" / "taken_back.yml"
_APOSTROPHES = re.compile(r"['\u2019\u02bc`]")
_NOT_WORDS = re.compile(r"[^a-z0-9]+")


def takes_back(text: str) -> bool:
    """Whether a message takes back what was said before, in one of the listed wordings."""
    said = _words(text)
    return any(f" {wording} " in f" {said} " for wording in _rules()["wordings"])


def only_takes_back(text: str) -> bool:
    """Whether that is all it says: too short to ask something else as well."""
    return takes_back(text) and "?" not in text and _is_short(text)


def _is_short(text: str) -> bool:
    most: int = _rules()["short_words"]
    return len(_words(text).split()) <= most


def _words(text: str) -> str:
    return _NOT_WORDS.sub(" ", _APOSTROPHES.sub("", text.casefold())).strip()


@cache
def _rules() -> Mapping[str, Any]:
    """Read the wordings once. Raises GuideError naming the one that could never match."""
    loaded: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    wrong = [wording for wording in loaded["wordings"] if wording != _words(wording)]
    if wrong:
        raise GuideError([f"{FILE.name}: wordings: {w!r} is not in small letters" for w in wrong])
    return loaded
