"""Fitting words into texts: plain letters, three segments at most, the rest on request."""

import re
import unicodedata
from typing import Final

from helpline.guide import wording

MAX_SEGMENTS: Final = 3
# 3GPP TS 23.038: one character outside GSM-7 turns the whole text into UCS-2, 67 units a segment.
UCS2_ALONE: Final = 70
UCS2_JOINED: Final = 67

_PLAIN: Final = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"',
        "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2026": "...", "\u2022": "-", "\u00b7": "-",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\ufeff": "", "`": "'",
        "\u00e7": "c", "\t": " ",
    }
)  # fmt: skip
_BREAKS: Final = ("\n", ". ", "? ", "! ", ", ", " ")


def plain(text: str) -> str:
    """Return `text` in the letters a cheap text can carry, as far as there are such letters.

    Quotes, dashes and Welsh circumflexes have plain forms; another script or an emoji stays as is.
    """
    changed = text.translate(_PLAIN)
    return "".join(_plain_letter(char) for char in changed)


def _plain_letter(char: str) -> str:
    if not wording.not_gsm(char):
        return char
    bare = unicodedata.normalize("NFKD", char)[0]
    is_latin = unicodedata.name(char, "").startswith("LATIN")
    return bare if is_latin and not wording.not_gsm(bare) else char


def segments(text: str) -> int:
    """Return how many segments a carrier sends `text` as, in GSM-7 or else in UCS-2."""
    if wording.septets(text) is not None:
        return wording.segments(text)
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= UCS2_ALONE else -(-units // UCS2_JOINED)


def fits(text: str) -> bool:
    """Whether `text` can be sent as one text."""
    return segments(text) <= MAX_SEGMENTS


def split(text: str, more: str) -> list[str]:
    """Return `text` as parts that each fit one text; all but the last end with the line `more`.

    Cut where a line, a sentence or at least a word ends. `text` must be plain already.
    """
    parts = []
    rest = text.strip()
    while not fits(rest):
        cut = _cut(rest, more)
        parts.append(f"{rest[:cut].rstrip()}\n{more}")
        rest = rest[cut:].lstrip()
    return [*parts, rest]


def _cut(text: str, more: str) -> int:
    """Return where to cut `text` so that its beginning fits together with `more`."""
    low, high = 1, len(text)
    while low < high:  # the longest beginning that fits; longer is never cheaper
        middle = (low + high + 1) // 2
        if fits(f"{text[:middle].rstrip()}\n{more}"):
            low = middle
        else:
            high = middle - 1
    for mark in _BREAKS:
        found = text.rfind(mark, 0, low)
        if found > low // 2:
            return found + len(mark)
    # Never between the two halves of an emoji: a cut stands before the joined character.
    return low if not re.match(r"[\u200d\ufe0f\u0300-\u036f]", text[low : low + 1]) else low - 1
