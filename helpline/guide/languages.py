"""Recognising a message that is not in English, and what to tell the person in their language.

A message in another language is never looked up in the guide: its nearest English topic would be a
wrong answer. lingua tells languages apart offline (docs/adr/0020). It is sure of tidy English and
unsure of textspeak and dialect, so a message counts as another language only when lingua gives
English next to no chance and the message is not made of common English words.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from lingua import IsoCode639_1, Language, LanguageDetector, LanguageDetectorBuilder
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from helpline.enums import Channel
from helpline.errors import GuideError
from helpline.guide.content import Approval
from helpline.guide.loader import DEFAULT_FOLDER
from helpline.guide.yaml_files import COMMENT, read_yaml

FILE: Final = "languages.yml"
MIN_WORDS: Final = 3  # in Latin letters; "hiya" and "merci" alone say too little
ENGLISH_CHANCE: Final = 0.12  # at or above: English. Measured in docs/adr/0020
ENGLISH_SHARE: Final = 0.35  # of common English words, at or above: English
OWN_CHANCE: Final = 0.5  # at or above: sure enough which language to answer in
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")

# Told apart besides those the guide has words in, so that these are not taken for one of them.
_ALSO: Final = (
    "fa", "ru", "uk", "bg", "hi", "gu", "ta", "zh", "fr", "it", "tr", "lt", "vi", "hu",
)  # fmt: skip


class OwnWords(BaseModel):
    """What a person is told in their language. Spoken words are not: calls are heard as English."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    web: str
    sms: str

    def for_channel(self, channel: Channel) -> str | None:
        """Return the words for `channel`, None for a call."""
        return {Channel.WEB: self.web, Channel.SMS: self.sms}.get(channel)


class LanguageList(BaseModel):
    """The file guide_content/languages.yml. `languages` stand under their ISO 639-1 codes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    owner: str
    reviewed_on: date
    review_by: date
    approval: Approval | None
    english: frozenset[str]
    languages: Mapping[str, OwnWords]

    @field_validator("english", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return value.split() if isinstance(value, str) else value


@dataclass(frozen=True)
class Foreign:
    """A message that is not English. `code` is None where it is not sure which language it is."""

    code: str | None


def load_languages(folder: Path = DEFAULT_FOLDER) -> LanguageList | None:
    """Read languages.yml under `folder`; None when there is none. Raises GuideError."""
    if not (folder / FILE).exists():
        return None
    document = read_yaml(folder / FILE, folder)
    document.pop(COMMENT, None)
    try:
        found = LanguageList.model_validate(document)
    except ValidationError as error:
        faults = [f"{FILE}: {fault['loc']}: {fault['msg']}" for fault in error.errors()]
        raise GuideError(faults) from error
    known = {language.iso_code_639_1.name.lower() for language in Language.all()}
    if strange := sorted(set(found.languages) - known):
        raise GuideError([f"{FILE}: languages: no such code: {', '.join(strange)}"])
    return found


def find_foreign(text: str, languages: LanguageList) -> Foreign | None:
    """Return the language of `text` when it is not English, None when it may be."""
    words = _WORD.findall(text)
    letters = "".join(words)
    latin = sum(_is_latin(letter) for letter in letters)
    other_script = latin * 2 < len(letters)
    if not letters or (not other_script and len(words) < MIN_WORDS):
        return None
    chances = _detector(tuple(languages.languages)).compute_language_confidence_values(text)
    best, english = chances[0], Language.ENGLISH
    if not other_script:
        if best.language == english or _english_share(words, languages) >= ENGLISH_SHARE:
            return None
        if next(c.value for c in chances if c.language == english) >= ENGLISH_CHANCE:
            return None
    code = best.language.iso_code_639_1.name.lower()
    if best.value >= OWN_CHANCE:
        return Foreign(code if code in languages.languages else None)
    # Not sure which: a few such words may be a slip of the hand in any language.
    return Foreign(None) if other_script or len(words) > MIN_WORDS else None


def _english_share(words: list[str], languages: LanguageList) -> float:
    said = [word.lower().replace("'", "").replace("\u2019", "") for word in words]
    return sum(word in languages.english for word in said) / len(said)


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")


@cache
def _detector(codes: tuple[str, ...]) -> LanguageDetector:
    wanted = {*codes, *_ALSO, "en"}
    iso = [IsoCode639_1.from_str(code.upper()) for code in sorted(wanted)]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*iso).build()
