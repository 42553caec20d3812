"""The numbers that published words can show, and whether a person has rung each one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from helpline.guide.content import (
    ALWAYS_GIVEN,
    OUR_LINE,
    Guide,
    NumberStatus,
    Phone,
    Variant,
    Wordings,
)
from helpline.guide.loader import DEFAULT_FOLDER
from helpline.guide.tokens import TOKEN

OTHER_WORDS: Final = (
    "pages.yml", "languages.yml", "ready_replies.yml", "safety/reply.yml", "telephony.yml",
)  # fmt: skip
"""Words that other parts of the helpline keep in the guide's folder, with the same tokens."""

_FIXED: Final = "fixed words"
_PRISON_LINES: Final = {"switchboard": "main number", "safer_custody": "safer custody line"}
_STATES: Final = {
    NumberStatus.TWO_SOURCES_AGREE: "two sources agree, not rung",
    NumberStatus.SINGLE_SOURCE: "one source, not rung",
    NumberStatus.CONFLICT: "sources differ, never given",
    NumberStatus.NOT_FOUND: "not found",
}


@dataclass(frozen=True)
class Shown:
    """One number and where it stands. `used_in` are topic ids, or "fixed words" for phrases."""

    who: str
    line: str
    phone: Phone
    always_given: bool
    used_in: tuple[str, ...]

    @property
    def state(self) -> str:
        """How far it can be trusted, in words."""
        if self.phone.verified_by_phone is not None:
            return f"rung on {self.phone.verified_by_phone.on.isoformat()}"
        words = _STATES[self.phone.status]
        return f"{words}; given in every mode" if self.always_given else words

    def __str__(self) -> str:
        """Say it on one line, for a person with a telephone."""
        return f"{self.who}, {self.line}: {self.phone.number or 'no number'} ({self.state})"


def shown_numbers(guide: Guide, folder: Path = DEFAULT_FOLDER) -> list[Shown]:
    """Return every number that published topics and fixed words can show, services first.

    A token for the prison's number can show the number of every open prison. Fixed words are the
    phrases, and the pages and safety replies in `folder`.
    """
    used = _used(guide, folder)
    return [*_services(guide, used), *_prisons(guide, used)]


def unrung(guide: Guide, folder: Path = DEFAULT_FOLDER) -> list[Shown]:
    """Return the numbers to ring before going live: words ask for them, nobody has rung them yet.

    The numbers that are given in every mode are not among them; those whose sources differ or that
    nobody found are, for they have to be settled first.
    """
    return [
        shown
        for shown in shown_numbers(guide, folder)
        if shown.phone.verified_by_phone is None and not shown.always_given
    ]


def _used(guide: Guide, folder: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return for each token where it stands."""
    used: dict[tuple[str, str], dict[str, None]] = {}
    for place, text in _texts(guide, folder):
        for kind, name in TOKEN.findall(text):
            tokens = [(kind, name)]
            if kind == "steps":
                steps = guide.contacts.fallback.safer_custody_steps
                tokens = TOKEN.findall(f"{steps.web} {steps.sms} {steps.voice}")
            for token in tokens:
                used.setdefault(token, {})[place] = None
    return {token: tuple(places) for token, places in used.items()}


def _texts(guide: Guide, folder: Path) -> Iterator[tuple[str, str]]:
    for topic in guide.topics.values():
        if topic.status != "published":
            continue
        wordings: list[Wordings | Variant] = [topic.answers, *topic.variants]
        for wording in wordings:
            for text in (wording.web, wording.sms, wording.voice):
                yield topic.id, text or ""
    for phrase in guide.phrases.values():
        for text in (phrase.web, phrase.sms, phrase.voice):
            yield _FIXED, text
    for name in OTHER_WORDS:
        if (folder / name).is_file():
            yield _FIXED, str(yaml.safe_load((folder / name).read_text(encoding="utf-8")))


def _services(guide: Guide, used: dict[tuple[str, str], tuple[str, ...]]) -> Iterator[Shown]:
    for service in guide.contacts.services.values():
        if service.id == OUR_LINE:  # whoever sets it vouches for it
            continue
        phone = service.phone or service.text
        places = used.get(("phone", service.id), ())
        if phone is not None and places:
            line = "text line" if service.phone is None else "phone"
            yield Shown(service.name, line, phone, service.id in ALWAYS_GIVEN, places)


def _prisons(guide: Guide, used: dict[tuple[str, str], tuple[str, ...]]) -> Iterator[Shown]:
    # Where the safety team has no line, its token gives the way through the main number.
    safety = used.get(("prison", "safer_custody"), ())
    main = tuple(dict.fromkeys((*used.get(("prison", "switchboard"), ()), *safety)))
    for prison in guide.contacts.prisons.values():
        if prison.open != "open":
            continue
        for name, places in (("switchboard", main), ("safer_custody", safety)):
            phone = prison.switchboard if name == "switchboard" else prison.safer_custody
            if places and (phone.number is not None or name == "switchboard"):
                yield Shown(prison.short_name, _PRISON_LINES[name], phone, False, places)  # noqa: FBT003
