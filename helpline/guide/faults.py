"""What a schema cannot say: tokens that lead nowhere, numbers in the words, names nobody has."""

import re
from collections.abc import Iterator
from typing import Final

from helpline.guide.content import (
    ALWAYS_GIVEN,
    FIND_PRISON,
    ContactBook,
    NumberStatus,
    Phone,
    Phrase,
    Wordings,
)
from helpline.guide.tokens import TOKEN, token_problems
from helpline.guide.yaml_files import Document

_PHONE: Final = re.compile(
    r"(?<![\d/.:-])"
    r"(?:(?:\+44|0)[\s-]?\d(?:[\s-]?\d){7,}|999|112|111|101|116[\s-]?\d{3}|\d{5,})(?!\d)"
)
_ADDRESS: Final = re.compile(
    r"https?://|\bwww\.|\b[\w-]+\.(?:com|org|net|gov|nhs|co)\b", re.IGNORECASE
)
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_FIELD: Final = re.compile(r"(?<!\{)\{([^{}]*)\}(?!\})")
_CAUTION_FIELDS: Final = frozenset(
    {"number", "caution", "extension", "keyword", "url", "address", "switchboard", "name", "place"}
)

Fault = tuple[str, str]
"""A field and the reason why it is wrong."""


def wordings_of(document: Document) -> Iterator[Fault]:
    """Give each wording of a topic's document with the name of its field."""
    for channel, text in document["answers"].items():
        yield f"answers.{channel}", text
    for number, variant in enumerate(document.get("variants", [])):
        for channel, text in variant.items():
            if channel != "applies_to":
                yield f"variants.{number}.{channel}", text


def literal_problems(text: str) -> list[str]:
    """Return the numbers and addresses that stand in `text` as they are, not as tokens."""
    bare = TOKEN.sub("", text)
    problems = [
        f"the number {found!r} stands in the words; use a token such as {{{{ phone:samaritans }}}}"
        for found in _PHONE.findall(bare)
    ]
    mails = _EMAIL.findall(bare)
    problems += [f"the address {m!r} stands in the words; use {{{{ email:... }}}}" for m in mails]
    if _ADDRESS.search(_EMAIL.sub("", bare)):
        problems.append("a web address stands in the words; use {{ link:... }}")
    return problems


def topic_faults(document: Document, contacts: ContactBook) -> Iterator[Fault]:
    """Give what is wrong with one topic that the schema accepts, looking at nothing but itself."""
    for where, text in [("title", document["title"]), *wordings_of(document)]:
        for reason in [*token_problems(text, contacts), *literal_problems(text)]:
            yield where, reason
        if where.endswith(".voice") and "link:" in text:
            yield where, "an address cannot be followed by ear; leave the link token out"
        if "\t" in text:
            yield where, "holds a tab; use spaces"
    if document["id"] in document["next"]:
        yield "next", "a topic cannot lead to itself"
    if document["review_by"] < document["reviewed_on"]:
        yield "review_by", "is before reviewed_on"


def phrase_faults(phrase: Phrase, contacts: ContactBook | None) -> Iterator[Fault]:
    """Give what is wrong with one fixed phrase; tokens are looked up if there are contacts."""
    used: set[str] = set()
    for where, text in _walk(phrase):
        for name in _FIELD.findall(TOKEN.sub("", text)):
            used.add(name)
            if name not in phrase.fields:
                yield where, f"{{{name}}} is not listed under fields"
        for reason in literal_problems(text):
            yield where, reason
        for reason in token_problems(text, contacts) if contacts is not None else ():
            yield where, reason
    for name in phrase.fields:
        if name not in used:
            yield "fields", f"{name!r} is listed and never used"


def contact_faults(book: ContactBook) -> Iterator[str]:
    """Give what is wrong between the files of contacts/, each as "file: field: reason"."""
    yield from _needed(book)
    for service in book.services.values():
        file = f"contacts/services/{service.id}.yml"
        yield from _number_faults(file, "phone", service.phone)
        yield from _number_faults(file, "text", service.text)
    for prison in book.prisons.values():
        file = f"contacts/prisons/{prison.key}.yml"
        yield from _number_faults(file, "switchboard", prison.switchboard)
        yield from _number_faults(file, "safer_custody", prison.safer_custody)
        yield from _number_faults(file, "emergency", prison.emergency)
        for other in sorted(set(prison.confusable_with) - set(book.prisons)):
            yield f"{file}: confusable_with: there is no prison {other!r}"
    for name, keys in book.names.ambiguous_names.items():
        for key in sorted(set(keys) - set(book.prisons)):
            yield f"contacts/names.yml: ambiguous_names.{name}: there is no prison {key!r}"
    yield from _word_faults(book)


def _needed(book: ContactBook) -> Iterator[str]:
    for name in sorted(ALWAYS_GIVEN | {FIND_PRISON}):
        service = book.services.get(name)
        if service is None:
            yield f"contacts/services/{name}.yml: the file: is missing and cannot be done without"
        elif name in ALWAYS_GIVEN and not _is_certain(service.phone):
            yield f"contacts/services/{name}.yml: phone: must have a number without a conflict"


def _is_certain(phone: Phone | None) -> bool:
    return (
        phone is not None and phone.number is not None and phone.status is not NumberStatus.CONFLICT
    )


def _word_faults(book: ContactBook) -> Iterator[str]:
    for where, text in _walk(book.fallback.safer_custody_steps):
        for reason in [*token_problems(text, book), *literal_problems(text)]:
            yield f"contacts/fallback.yml: safer_custody_steps.{where}: {reason}"
    for key, words in book.cautions.items():
        for where, text in _walk(words):
            for name in sorted(set(_FIELD.findall(text)) - _CAUTION_FIELDS):
                yield f"contacts/cautions.yml: {key}.{where}: {{{name}}} is not a known field"


def _number_faults(file: str, where: str, phone: Phone | None) -> Iterator[str]:
    if phone is None or phone.number is None or phone.tel is None:
        return
    digits = phone.number.replace(" ", "")
    dialled = "+44" + digits[1:] if digits.startswith("0") else digits
    if phone.tel != dialled:
        yield f"{file}: {where}.tel: {phone.tel!r} is not the number beside it ({dialled})"


def _walk(words: Wordings) -> Iterator[Fault]:
    yield from (("web", words.web), ("sms", words.sms), ("voice", words.voice))
