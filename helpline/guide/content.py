"""What the guide is made of, once read and checked: topics, phrases, services, prisons.

Every object here is frozen. The schema in guide_content/schema.json describes the same shapes with
errors that an editor can act on; these classes give them to the code with types.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field

from helpline.enums import Channel
from helpline.guide.yaml_files import Document

SECTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "What to expect": "what-to-expect",
        "Who to contact": "who-to-contact",
        "Consent and confidentiality": "consent-and-confidentiality",
        "How to communicate effectively": "how-to-communicate",
        "Your rights": "your-rights",
        "Common challenges and top tips": "common-challenges",
        "Templates and resources": "templates",
        "Looking after yourself": "looking-after-yourself",
        "Plain-words glossary": "glossary",
        "Conversation": "conversation",
    }
)
"""Section titles in the order of the guide, and the folder that holds each section's files."""

CONVERSATION: Final = "Conversation"
ALWAYS_GIVEN: Final = frozenset({"emergency-999", "nhs-111-mental-health", "samaritans"})
"""Services whose number is given in every mode, rung or not, without a caution."""
FIND_PRISON: Final = "govuk-find-prison"
OUR_LINE: Final = "our-line"
"""The service that stands for this helpline itself; its number comes from the settings."""

AppliesTo = Literal["england", "wales", "under_18", "private"]


class NumberStatus(StrEnum):
    """How far sources agree on a value, before anyone has rung it."""

    TWO_SOURCES_AGREE = "two-sources-agree"
    SINGLE_SOURCE = "single-source"
    CONFLICT = "conflict"
    NOT_FOUND = "not-found"


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def national(number: str) -> str:
    """Return an E.164 number as it is written in the United Kingdom: "020 7946 0000".

    Raises ValueError for what is no E.164 number.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException as error:
        message = "not a number such as +442079460000"
        raise ValueError(message) from error
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


class Wordings(_Content):
    """The same words for reading, for a text message and for the ear."""

    web: str
    sms: str
    voice: str

    def for_channel(self, channel: Channel) -> str:
        """Return the wording of `channel`, without the newline that ends a block in YAML."""
        return {"web": self.web, "sms": self.sms, "voice": self.voice}[channel.value].rstrip("\n")


class Answers(Wordings):
    """A topic's wordings; easy read where someone has written one."""

    easy_read: str | None = None


class Variant(_Content):
    """Wordings that replace the topic's own for some prisons; a channel left out keeps its own."""

    applies_to: tuple[AppliesTo, ...]
    web: str | None = None
    sms: str | None = None
    voice: str | None = None
    easy_read: str | None = None

    def for_channel(self, channel: Channel) -> str | None:
        """Return this variant's wording of `channel`, None to keep the topic's own."""
        found = {"web": self.web, "sms": self.sms, "voice": self.voice}[channel.value]
        return found.rstrip("\n") if found is not None else None


class Approval(_Content):
    """Who at Pact approved a wording, and on which day."""

    by: str
    on: date


class Source(_Content):
    """A page that an answer's facts come from, and the day someone read it."""

    title: str
    url: str
    seen: date


class Topic(_Content):
    """One page of the guide."""

    id: str
    section: str
    title: str
    status: Literal["draft", "published", "withdrawn"]
    owner: str
    reviewed_on: date
    review_by: date
    approval: Approval | None
    questions: tuple[str, ...]
    answers: Answers
    variants: tuple[Variant, ...] = ()
    next: tuple[str, ...]
    sources: tuple[Source, ...]

    @property
    def kind(self) -> Literal["guide", "conversation"]:
        """Whether this answers a question, or only keeps the talk going."""
        return "conversation" if self.section == CONVERSATION else "guide"

    def wording(self, channel: Channel, prison: "Prison | None", *, under_18: bool) -> str:
        """Return the words for `channel`: of the first variant that fits and has some, or for all.

        A variant for under-18s fits when the family said so, or everybody in the prison is.
        """
        for variant in self.variants:
            fits = under_18 and "under_18" in variant.applies_to
            if prison is not None:
                fits = fits or any(prison.is_in(group) for group in variant.applies_to)
            own = variant.for_channel(channel) if fits else None
            if own is not None:
                return own
        return self.answers.for_channel(channel)


_UNSETTLED: Final = frozenset({NumberStatus.CONFLICT, NumberStatus.NOT_FOUND})
_PUBLIC: Final = (
    "HM Prison and Probation Service",
    "HMPPS",
)  # how operators are named in the files


class Verified(_Content):
    """The day a person rang a number and found it right, and their initials."""

    on: date
    by: str


class SeenAt(_Content):
    """Where a number or a name was read."""

    title: str | None = None
    url: str | None
    date: str
    date_note: str | None = None
    number: str | None = None
    weak: bool = False


class Phone(_Content):
    """One number with all that is known about it. `hours` are the hours it is answered."""

    number: str | None
    tel: str | None = None
    extension: str | None = None
    keyword: str | None = None
    status: NumberStatus
    hours: str | None = None
    to_check: str | None = None
    verified_by_phone: Verified | None
    sources: tuple[SeenAt, ...] = ()


class Web(_Content):
    """A web address; `seen_in_source` is false for one that is well known but was not read."""

    url: str
    seen_in_source: bool


class Conflict(_Content):
    """A field whose sources differ; all values, for a person to settle."""

    field: str
    values: tuple[str, ...]


class Service(_Content):
    """An organisation or a line that families can be pointed to."""

    id: str
    name: str
    group: str
    what_for: str
    phone: Phone | None
    text: Phone | None
    email: str | None
    web: Web | None
    post: str | None = None
    hours: str | None = None
    cost: str | None = None
    nations: tuple[str, ...]
    crisis: bool
    open: Literal["open", "unknown"]
    to_check: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    sources: tuple[SeenAt, ...]


class Provider(_Content):
    """Who runs something at a prison, as far as sources say."""

    name: str | None = None
    primary_care: str | None = None
    mental_health: str | None = None
    status: NumberStatus
    to_check: str | None = None
    sources: tuple[SeenAt, ...] = ()


class SubSite(_Content):
    """A part of a prison that families may name."""

    name: str
    code: str | None = None
    who: str | None = None


class ListenToFamilies(_Content):
    """A prison's membership of Pact's Listen to Families."""

    nhs_region: str
    since: int
    family_link_worker: bool


class OtherContact(_Content):
    """A further line or address of a prison, such as visits booking."""

    use: str
    email: str | None = None
    status: NumberStatus | None = None
    sources: tuple[SeenAt, ...] = ()
    phone: Phone | None = None


class Withheld(_Content):
    """A number seen somewhere and not believed."""

    number: str
    why: str


class Prison(_Content):
    """A prison or other place of custody in England and Wales."""

    key: str
    code: str | None
    name: str
    short_name: str
    kind: Literal["prison", "young-offender-institution", "secure-training-centre"]
    nation: Literal["england", "wales"]
    region: str | None
    postcode: str | None = None
    sex: Literal["male", "female"] | None
    types: tuple[Literal["adult", "young-adult", "under-18"], ...]
    category: str | None = None
    open: Literal["open", "closed", "uncertain"]
    advice: str | None = None
    operator: Provider | None = None
    aliases: tuple[str, ...]
    nicknames: tuple[str, ...]
    confusable_with: tuple[str, ...]
    sub_sites: tuple[SubSite, ...] = ()
    switchboard: Phone
    safer_custody: Phone
    emergency: Phone | None = None
    withheld: Withheld | None = None
    healthcare: Provider
    family_services: Provider | None = None
    listen_to_families: ListenToFamilies | None = None
    other_contacts: tuple[OtherContact, ...] = ()
    website: Web | None

    def is_in(self, group: AppliesTo) -> bool:
        """Whether words for `group` fit everyone held here.

        A place that holds children and adults (Feltham, Parc) is not `under_18`: nobody has said
        which side the person is on. A place is `private` only where sources agree who runs it.
        """
        if group == "under_18":
            return self.types == ("under-18",)
        if group == "private":
            return self._runs_for_profit
        return self.nation == group

    @property
    def _runs_for_profit(self) -> bool:
        known = self.operator
        if known is None or known.name is None or known.status in _UNSETTLED:
            return False
        return not known.name.startswith(_PUBLIC)


class Phrase(Wordings):
    """A fixed phrase; `fields` are filled in by whoever says it."""

    fields: tuple[str, ...] = ()


class Term(_Content):
    """One prison or NHS word in plain words. `see` is the topic that says more.

    `certain` is false while a person has still to confirm the meaning, which then says "usually".
    """

    id: str
    term: str
    aliases: tuple[str, ...]
    meaning: str
    see: str | None
    certain: bool
    sources: tuple[Source, ...] = ()


class TermList(_Content):
    """The glossary's file. `everyday` are names of terms that mostly mean something else."""

    owner: str
    reviewed_on: date
    review_by: date
    approval: Approval | None
    everyday: frozenset[str]
    terms: tuple[Term, ...]


class Names(_Content):
    """How families name prisons, and words that only look like it."""

    ambiguous_names: Mapping[str, tuple[str, ...]]
    everyday_words: frozenset[str]
    place_names: frozenset[str]
    lookalikes: frozenset[str]


class Fallback(_Content):
    """What to do when no safer custody number is known."""

    safer_custody_steps: Wordings
    sources: tuple[SeenAt, ...]


class ContactBook(_Content):
    """Everything that may be rung, visited or written to, and the words around it."""

    services: Mapping[str, Service]
    prisons: Mapping[str, Prison]
    names: Names
    fallback: Fallback
    cautions: Mapping[str, Wordings]

    def with_our_line(self, number: str) -> "ContactBook":
        """Return this book with `number`, E.164, as the helpline's own; "" leaves it as it is.

        Whoever runs the service vouches for the number by setting it. Raises ValueError when it is
        no number.
        """
        line = self.services.get(OUR_LINE)
        if not number or line is None:
            return self
        phone = Phone(
            number=national(number),
            tel=number,
            status=NumberStatus.SINGLE_SOURCE,
            verified_by_phone=None,
        )
        ours = line.model_copy(update={"phone": phone})
        return self.model_copy(update={"services": {**self.services, OUR_LINE: ours}})


class Guide(_Content):
    """The whole guide as its files say. `documents` are the topics as canonical documents."""

    topics: Mapping[str, Topic]
    documents: Mapping[str, Document] = Field(repr=False)
    phrases: Mapping[str, Phrase]
    contacts: ContactBook
    glossary: TermList | None = None
