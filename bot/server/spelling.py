"""Brings textspeak and frequent mishearings closer to the words the encoder knows.

The tables are bot/server/spelling.yml and prison_names.yml. Only whole words and phrases are
replaced, and only by what they nearly always mean: a wrong guess here would mislead every step.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Dict, Pattern, Tuple

import yaml

_TABLE = Path(__file__).with_name("spelling.yml")
_PRISONS = Path(__file__).with_name("prison_names.yml")
_SPACES = re.compile(r"\s+")
_REPEATS = re.compile(r"(\w)\1{3,}")
_PUNCTUATION = {0x2019: "'", 0x2018: "'", 0x201C: '"', 0x201D: '"'}  # curly quotes


def tidy(text: str) -> str:
    """Return `text` in lower case, with plain quotes, single spaces and known spellings mended."""
    text = unicodedata.normalize("NFKC", text).translate(_PUNCTUATION).lower()
    text = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
    text = _REPEATS.sub(r"\1\1", text)
    pattern, meanings = _table()
    text = pattern.sub(lambda found: meanings[found.group(0)], text)
    return _SPACES.sub(" ", _prisons().sub("prison", text)).strip()


@lru_cache(maxsize=1)
def _prisons() -> Pattern:
    """Return what finds a prison in England: which one it is says nothing about what is asked."""
    names = yaml.safe_load(_PRISONS.read_text(encoding="utf-8"))
    named, plain = (
        "|".join(re.escape(name) for name in sorted(names[kind], key=len, reverse=True))
        for kind in ("named", "plain")
    )
    return re.compile(
        rf"\b(?:(?:hmp|hmyoi|hmp/yoi|hm prison|yoi|prison)\s+(?:{named})(?:\s+prison)?"
        rf"|(?:{named})\s+prison|(?:{plain})(?:\s+prison)?)\b"
    )


@lru_cache(maxsize=1)
def _table() -> Tuple[Pattern, Dict[str, str]]:
    meanings = {
        str(said): str(meant)
        for said, meant in yaml.safe_load(_TABLE.read_text(encoding="utf-8")).items()
    }
    longest_first = sorted(meanings, key=len, reverse=True)
    words = "|".join(re.escape(said) for said in longest_first)
    return re.compile(rf"(?<![\w'])(?:{words})(?![\w'])"), meanings


def fingerprint() -> str:
    """Return a digest of the tables, which changes when a spelling or a name does."""
    return hashlib.sha256(_TABLE.read_bytes() + _PRISONS.read_bytes()).hexdigest()
