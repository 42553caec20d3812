"""The words said around the guide's answers in texts and on the telephone, and the keywords."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from helpline.enums import Channel
from helpline.errors import GuideError
from helpline.service import Service

FILE = "telephony.yml"
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_FEW = 4  # words around a wish for a person: "can I please just talk to a person now"


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Keywords(_Words):
    """Messages that mean something by themselves. The carrier acts on stop, start and help too."""

    stop: frozenset[str]
    start: frozenset[str]
    help: frozenset[str]
    more: frozenset[str]
    person: frozenset[str]


class FallbackWords(_Words):
    """What the carrier says by itself when nothing of ours answers."""

    voice: str
    sms: str


class Said(_Words):
    """What callers may say at any moment, whatever else is being asked."""

    person: frozenset[str]
    danger: frozenset[str]
    again: frozenset[str]
    slower: frozenset[str]
    text: frozenset[str]
    menu: frozenset[str]


class PhoneWords(_Words):
    """guide_content/telephony.yml."""

    owner: str
    reviewed_on: date
    review_by: date
    approval: dict[str, Any] | None
    keywords: Keywords
    texts: Mapping[str, str]
    said: Said
    hints: tuple[str, ...]
    menu: tuple[str, ...]
    whispers: Mapping[str, str]
    spoken: Mapping[str, str]
    fallback: FallbackWords


class PracticeFamily(_Words):
    """A made-up family of the practice phone; `number` is what the carrier would say of it."""

    name: str
    number: str


class PracticePhone(_Words):
    """guide_content/practice_phone.yml: made-up numbers that nobody can ring."""

    helpline: str
    families: tuple[PracticeFamily, ...]
    workers: Mapping[str, str]


@cache
def read_practice_phone(folder: Path) -> PracticePhone:
    """Return the practice numbers in `folder`. Raises GuideError naming each fault."""
    return _read(folder, "practice_phone.yml", PracticePhone)


@cache
def read_phone_words(folder: Path) -> PhoneWords:
    """Return the words in `folder`, read once a process. Raises GuideError naming each fault."""
    return _read(folder, FILE, PhoneWords)


def _read[M: BaseModel](folder: Path, name: str, model: type[M]) -> M:
    try:
        return model.model_validate(yaml.safe_load((folder / name).read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise GuideError([f"{name}: cannot be read: {type(error).__name__}"]) from error
    except ValidationError as error:
        raise GuideError(
            [f"{name}: {'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors()]
        ) from error


def text_words(service: Service, key: str, prison_key: str | None = None) -> str:
    """Return one of the `texts`, its tokens resolved for this prison. KeyError for no such key."""
    words = read_phone_words(service.settings.guide_folder).texts[key]
    return service.guide.render(words.rstrip("\n"), channel=Channel.SMS, prison_key=prison_key)


def spoken_words(
    service: Service, key: str, prison_key: str | None = None, /, **fields: str
) -> str:
    """Return one of the `spoken`, tokens resolved and fields filled in. KeyError for no such key.

    What fields hold is put in as it is and never read as a token.
    """
    words = read_phone_words(service.settings.guide_folder).spoken[key]
    text = service.guide.render(words.rstrip("\n"), channel=Channel.VOICE, prison_key=prison_key)
    return _FIELD.sub(lambda match: fields[match[1]], text)


def said_of(service: Service, speech: str) -> str | None:
    """Return which of the words for any moment `speech` is ("person", "again" …), or None.

    A wish for a person, and a cry for help, count inside a short sentence too; the others only
    when nothing else is said.
    """
    words = read_phone_words(service.settings.guide_folder).said
    text = " ".join(re.findall(r"[a-z']+", speech.casefold().replace("'", "")))
    for name in ("danger", "person"):
        for phrase in getattr(words, name):
            is_short = len(text.split()) <= len(phrase.split()) + _FEW
            if is_short and re.search(rf"\b{re.escape(phrase)}\b", text):
                return name
    bare = text.removesuffix(" please").removeprefix("please ").removeprefix("can you ")
    return next((n for n in Said.model_fields if bare in getattr(words, n)), None)


def keyword_of(service: Service, text: str) -> str | None:
    """Return which list of keywords `text` stands in ("stop", "person" …), None for none.

    Only a message that is nothing but the keyword counts: "please stop them" is no keyword.
    """
    said = " ".join(text.casefold().split()).strip(" .!,'\"")
    lists = read_phone_words(service.settings.guide_folder).keywords
    for name in Keywords.model_fields:
        if said in getattr(lists, name):
            return name
    return None
