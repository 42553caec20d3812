"""Measuring words: how long they are to read, to send and to hear, and how hard they are.

The reading grade is Flesch-Kincaid (Kincaid and others 1975): 0.39 x words a sentence + 11.8 x
syllables a word - 15.59. Syllables are counted by rule, so that it works on every machine, also on
one without the internet; tests hold the rule against a list of words counted by hand.
"""

import re
from typing import Final

WORDS_A_MINUTE: Final = 150
SMS_SEPTETS: Final = 160
SMS_SEPTETS_JOINED: Final = 153  # each part of a longer message carries a header of 7 septets

# 3GPP TS 23.038, section 6.2.1: the default alphabet, and the table that costs an escape as well.
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION: Final = frozenset("^{}\\[~]|€\f")

_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKUP: Final = re.compile(r"\*\*|`|^\s*(?:[-*]|\d+\.)\s+|^#+\s*", re.MULTILINE)
_NUMBER_OR_TIME: Final = re.compile(
    r"\b\d[\d ,.:/-]*\d(?:\s?[ap]\.?m\b)?|\b\d(?:\s?[ap]\.?m\b)?|https?://\S+|\bwww\.\S+"
)
_ASIDE: Final = re.compile(r"\s*\([^()]*\d[^()]*\)")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n+|(?<=:)\s*\n")
_WORD: Final = re.compile(r"[A-Za-z]+(?:['\u2019-][A-Za-z]+)*")
_VOWELS: Final = re.compile(r"[aeiouy]+")
_SPELT: Final = re.compile(r"[A-Z]{2,5}s?")
_NOT_CONTRACTED: Final = re.compile(r"[^aeiouy]n't$")
_GLIDE: Final = re.compile(r"(?<=[aeiou])y(?=[aeiou])")  # the y of "layer" is a consonant
_ONE_MORE: Final = re.compile(
    r"(?<![cgtsx])(?<!ll)i[ao](?!ge|ur)|(?<![cgtsxn])iou(?!r)|(?<![cgtsf])(?<!fr)ien|iet|ier$|iest$"
    r"|(?<![qg])u[a]|(?<![qg])ue[lt]|oem|eum|creat|react|reali|[aeiou]ing$|[^aeiou]ying$"
    r"|deo|[^aeiou]ea$|sm$|thm$|cooper|coord"
)
_SILENT_INSIDE: Final = re.compile(
    r"[^aeioul]e(?=(?:ly|less|ment|ful|line|thing|times?|where|ness|body)$)|re(?=fore$)"
)
_SPOKEN_BEFORE_S: Final = re.compile(r"(?:[sxzcg]|[cs]h)es$")
_SPOKEN_LE_RE: Final = re.compile(r"(?:[bcdfgkptz]l|[bcdgkpt]r)e[sd]?$")
_SILENT_END: Final = re.compile(r"[^aeiouy]e$|[gq]ue$|[^aeiouy]es$|[^aeiouytd]ed$")
_BY_HAND: Final = {
    "area": 3, "idea": 3, "ideal": 3, "people": 2, "business": 2, "every": 2, "evening": 2,
    "wednesday": 2, "science": 2, "diabetes": 4, "theatre": 3, "soldier": 2, "argue": 2,
    "something": 2, "everything": 3, "everyone": 3, "once": 1, "prayer": 1, "union": 2, "physio": 3,
}  # fmt: skip


def plain(text: str) -> str:
    """Return `text` as it is read: link labels without addresses, no Markdown signs."""
    return _MARKUP.sub("", _LINK.sub(r"\1", text)).strip()


def word_count(text: str) -> int:
    """Return how many words a reader meets, numbers included."""
    return len(plain(text).split())


def septets(text: str) -> int | None:
    """Return the GSM-7 septets `text` takes in a text message; None if it cannot be sent so."""
    if set(text) - _GSM - _GSM_EXTENSION:
        return None
    return sum(2 if char in _GSM_EXTENSION else 1 for char in text)


def not_gsm(text: str) -> str:
    """Return the characters of `text` that GSM-7 does not have, each once."""
    return "".join(sorted(set(text) - _GSM - _GSM_EXTENSION))


def segments(text: str) -> int:
    """Return how many text messages `text` is sent as, when it is all GSM-7."""
    count = septets(text) or 0
    return 1 if count <= SMS_SEPTETS else -(-count // SMS_SEPTETS_JOINED)


def seconds(text: str) -> float:
    """Return how long `text` takes to say at 150 words a minute; each digit is a word."""
    return word_count(text) * 60 / WORDS_A_MINUTE


def sentences(text: str) -> list[str]:
    """Return the sentences of `text`; a list entry or a paragraph ends one too."""
    return [part.strip() for part in _SENTENCE_END.split(plain(text)) if _WORD.search(part)]


def without_numbers(text: str) -> str:
    """Return `text` without phone numbers, times and addresses, which are read at a glance.

    What stands in brackets with a number, such as a caution, goes with it.
    """
    bare = _ASIDE.sub("", _LINK.sub(r"\1", text))
    return _NUMBER_OR_TIME.sub(" ", bare)


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of `text` without its numbers, times and addresses."""
    counted = sentences(without_numbers(text))
    found = [word for sentence in counted for word in _WORD.findall(sentence)]
    if not found:
        return 0.0
    each = sum(syllables(word) for word in found) / len(found)
    return 0.39 * len(found) / len(counted) + 11.8 * each - 15.59


def syllables(word: str) -> int:
    """Return how many syllables a word has, at least one; an abbreviation has one a letter."""
    if _SPELT.fullmatch(word):
        return len(word.removesuffix("s")) + word.removesuffix("s").count("W") * 2
    return max(1, sum(_syllables(part) for part in word.lower().split("-") if part))


def _syllables(word: str) -> int:
    contracted = 1 if _NOT_CONTRACTED.search(word.replace("\u2019", "'")) else 0
    word = re.split(r"['\u2019]", word)[0]
    if word in _BY_HAND:
        return _BY_HAND[word]
    spoken = _GLIDE.sub("j", word)
    count = len(_VOWELS.findall(spoken)) + len(_ONE_MORE.findall(spoken))
    less = len(_SILENT_INSIDE.findall(spoken))
    said = _SPOKEN_BEFORE_S.search(spoken) or _SPOKEN_LE_RE.search(spoken)
    if _SILENT_END.search(spoken) and not said:
        less += 1
    return max(1, count - less) + contracted
