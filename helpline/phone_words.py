"""The words said around the guide's answers in texts and on the telephone, and the keywords."""

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


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Keywords(_Words):
    """Messages that mean something by themselves. The carrier acts on stop, start and help too."""

    stop: frozenset[str]
    start: frozenset[str]
    help: frozenset[str]
    more: frozenset[str]
    person: frozenset[str]


class PhoneWords(_Words):
    """guide_content/telephony.yml."""

    owner: str
    reviewed_on: date
    review_by: date
    approval: dict[str, Any] | None
    keywords: Keywords
    texts: Mapping[str, str]


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
