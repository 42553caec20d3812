"""Tokens: the only way a number, an address or a prison's name gets into an answer.

    {{ phone:<service> }}       a number alone, or the safe words instead of one
    {{ phone:our-line }}        this helpline's own number, from the settings
    {{ link:<service> }}        a web address
    {{ email:<service> }}       an e-mail address
    {{ prison:name }}           "HMP Wandsworth", or "the prison"
    {{ prison:switchboard }}    "the prison's main number", with the number when it may be given
    {{ prison:safer_custody }}  the safety team's line, or the way to it through the main number
    {{ prison:provider }}       who gives the care there, as far as we know
    {{ steps:safer_custody }}   what to do when no such line is known, as steps

A number whose sources differ, or that nobody found, is never given. One that nobody has rung is
given only where settings allow it, and then with a caution. The words are in contacts/cautions.yml.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from helpline.enums import Channel
from helpline.errors import GuideError
from helpline.guide.content import (
    ALWAYS_GIVEN,
    FIND_PRISON,
    OUR_LINE,
    ContactBook,
    NumberStatus,
    Phone,
    Prison,
    Service,
)

TOKEN: Final = re.compile(r"\{\{\s*([a-z]+):([a-z0-9_-]+)\s*\}\}")
_BRACES: Final = re.compile(r"\{\{|\}\}")
PRISON_FIELDS: Final = ("name", "switchboard", "safer_custody", "provider")
_SERVICE_KINDS: Final = frozenset({"phone", "link", "email"})
_SENTENCE_START: Final = re.compile(
    r"(?:(?:^|\n)\s*(?:[-*]|\d+\.)?\s*|[.!?][\"')\]]?\s+)(?:\*\*)?$"
)
_NEVER_GIVEN: Final = frozenset({NumberStatus.CONFLICT, NumberStatus.NOT_FOUND})


def token_problems(text: str, contacts: ContactBook) -> list[str]:
    """Return what is wrong with the tokens in `text`: unknown kinds or names, stray braces."""
    problems = []
    for kind, name in TOKEN.findall(text):
        if kind in _SERVICE_KINDS:
            service = contacts.services.get(name)
            if service is None:
                problems.append(f"{kind}:{name} names no file in contacts/services")
            elif not _has(service, kind):
                problems.append(f"{kind}:{name}: that service has none in contacts/services")
        elif kind == "prison":
            if name not in PRISON_FIELDS:
                known = ", ".join(PRISON_FIELDS)
                problems.append(f"prison:{name} is not known; use one of {known}")
        elif (kind, name) != ("steps", "safer_custody"):
            problems.append(f"{kind}:{name} is not a kind of token")
    if _BRACES.search(TOKEN.sub("", text)):
        problems.append("double braces that are not a token; write it as {{ phone:samaritans }}")
    return problems


def _has(service: Service, kind: str) -> bool:
    if kind == "phone":
        return service.phone is not None or service.text is not None or service.web is not None
    return (service.web if kind == "link" else service.email) is not None


def render(
    text: str,
    *,
    contacts: ContactBook,
    prison: Prison | None,
    allow_unverified: bool,
    channel: Channel,
) -> str:
    """Return `text` with every token turned into the words that `channel` needs.

    `prison` is the one the conversation is about, None when it is not known; `allow_unverified`
    decides about numbers that nobody has rung. On the web numbers and addresses are Markdown links,
    in a text message they are plain, and for the ear digits stand apart. The prison's main number
    and safety line are written out once; after that the words alone stand for them. Raises
    GuideError for a token that names nothing.
    """
    rendering = _Rendering(contacts, prison, allow_unverified, channel)

    def replace(match: re.Match[str]) -> str:
        words = rendering.token(match[1], match[2])
        if _SENTENCE_START.search(text[: match.start()]):
            return words[:1].upper() + words[1:]
        return words

    done = TOKEN.sub(replace, text)
    return _tidy_commas(done) if channel is Channel.VOICE else done


@dataclass
class _Rendering:
    """One text on its way out, remembering which of the prison's numbers it has already given."""

    contacts: ContactBook
    prison: Prison | None
    allow_unverified: bool
    channel: Channel
    given: set[str] = field(default_factory=set)

    def token(self, kind: str, name: str) -> str:
        if kind == "prison" and name in PRISON_FIELDS:
            return {
                "name": self._prison_name,
                "switchboard": self._switchboard,
                "safer_custody": self._safer_custody,
                "provider": self._provider,
            }[name]()
        if kind == "steps":
            steps = self.contacts.fallback.safer_custody_steps.for_channel(self.channel)
            return TOKEN.sub(lambda match: self.token(match[1], match[2]), steps)
        if kind in _SERVICE_KINDS and name in self.contacts.services:
            service = self.contacts.services[name]
            if kind == "phone":
                return self._phone(service)
            return self._link(service) if kind == "link" else self._email(service)
        raise GuideError([f"the token {kind}:{name} names nothing"])

    def _phone(self, service: Service) -> str:
        phone = service.phone or service.text
        if service.id == OUR_LINE and (phone is None or phone.number is None):
            return self._words("our_line_unset")
        always = service.id in ALWAYS_GIVEN or service.id == OUR_LINE
        if phone is None or not self._may_give(phone, always=always):
            if service.web is None:
                return self._words("number_withheld")
            url = service.web.url
            return self._words("number_withheld_web", url=url, address=_address(url))
        number = self._number(phone)
        caution = None if always else self._caution(phone)
        if caution is None:
            return self._words("number", number=number)
        return self._words("number_cautioned", number=number, caution=caution)

    def _link(self, service: Service) -> str:
        if service.web is None or self.channel is Channel.VOICE:
            return self._words("their_website")
        if self.channel is Channel.SMS:
            return _address(service.web.url)
        return f"[{_address(service.web.url)}]({service.web.url})"

    def _email(self, service: Service) -> str:
        if service.email is None or self.channel is Channel.VOICE:
            return self._words("their_website")
        if self.channel is Channel.SMS:
            return service.email
        return f"[{service.email}](mailto:{service.email})"

    def _prison_name(self) -> str:
        if self.prison is None:
            return self._words("the_prison")
        return self._words(
            "prison_name", name=self.prison.short_name, place=_spoken_place(self.prison)
        )

    def _switchboard(self) -> str:
        prison = self.prison
        if prison is None or prison.open != "open" or "switchboard" in self.given:
            return self._words("switchboard_unknown")
        self.given.add("switchboard")
        if not self._may_give(prison.switchboard):
            web = prison.website or self.contacts.services[FIND_PRISON].web
            url = web.url if web is not None else ""
            return self._words("switchboard_withheld", url=url, address=_address(url))
        return self._with_caution("switchboard", prison.switchboard)

    def _safer_custody(self) -> str:
        prison = self.prison
        if prison is not None and "safer_custody" not in self.given:
            self.given.add("safer_custody")
            if prison.open == "open" and self._may_give(prison.safer_custody):
                return self._with_caution("safer_custody", prison.safer_custody)
        return self._words("safer_custody_withheld", switchboard=self._switchboard())

    def _provider(self) -> str:
        prison = self.prison
        known = prison.healthcare if prison is not None and prison.open == "open" else None
        name = (known.name or known.primary_care) if known is not None else None
        if known is None or name is None or known.status in _NEVER_GIVEN:
            return self._words("provider_unknown")
        return self._words("provider", name=name)

    def _with_caution(self, key: str, phone: Phone) -> str:
        caution = self._caution(phone)
        if caution is None:
            return self._words(key, number=self._number(phone))
        return self._words(f"{key}_cautioned", number=self._number(phone), caution=caution)

    def _may_give(self, phone: Phone, *, always: bool = False) -> bool:
        if phone.number is None or phone.status in _NEVER_GIVEN:
            return False
        return always or phone.verified_by_phone is not None or self.allow_unverified

    def _caution(self, phone: Phone) -> str | None:
        if phone.verified_by_phone is not None:
            return None
        return self._words(phone.status.value.replace("-", "_"))

    def _number(self, phone: Phone) -> str:
        number = self._digits(phone)
        if phone.extension is not None:
            extension = _spoken(phone.extension) if self._for_ear else phone.extension
            number = self._words("extension", number=number, extension=extension)
        if phone.keyword is not None:
            number = self._words("text_line", keyword=phone.keyword, number=number)
        return number

    def _digits(self, phone: Phone) -> str:
        number = phone.number or ""
        if self._for_ear:
            return _spoken(number)
        if self.channel is Channel.WEB and phone.tel and phone.keyword is None:
            return f"[{number}](tel:{phone.tel})"
        return number

    @property
    def _for_ear(self) -> bool:
        return self.channel is Channel.VOICE

    def _words(self, key: str, **fields: str) -> str:
        return self.contacts.cautions[key].for_channel(self.channel).format(**fields)


def _spoken(number: str) -> str:
    """Return digits for the ear: each on its own, with a pause between groups."""
    return ", ".join(" ".join(group) for group in number.split())


def _spoken_place(prison: Prison) -> str:
    place = re.sub(r"^(?:HMP/YOI|HMYOI|HMP)\s+", "", prison.name)
    place = re.sub(r"\s+\((men|women)\)$", r" \1's", place)
    return f"{place} prison" if prison.kind == "prison" else place


def _address(url: str) -> str:
    return re.sub(r"^https?://", "", url).rstrip("/")


def _tidy_commas(text: str) -> str:
    return re.sub(r",\s*(?=[.,;:!?])", "", text)
