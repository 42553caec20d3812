"""The guide's linter: everything the loader checks, and how long and how hard the words are.

Words are measured as families meet them, with tokens filled in by the longest usual substitution:
with and without a prison, with numbers that nobody has rung shown and held back.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Final

import yaml

from helpline.enums import Channel
from helpline.errors import GuideError
from helpline.guide import wording
from helpline.guide.canonical import canonical, path_in
from helpline.guide.check_glossary import glossary_findings, longest_answers
from helpline.guide.check_report import Finding
from helpline.guide.check_shape import shape_findings, unexplained
from helpline.guide.check_training import training_findings
from helpline.guide.check_words import avoided, danger_findings, letter_findings
from helpline.guide.content import ContactBook, Guide, Phrase, Prison, Topic
from helpline.guide.faults import literal_problems
from helpline.guide.loader import DEFAULT_FOLDER, load_guide
from helpline.guide.numbers import OTHER_WORDS
from helpline.guide.tokens import PRISON_FIELDS, render, token_problems

MAX_WEB_WORDS: Final = 180
MAX_SMS_SEPTETS: Final = 3 * wording.SMS_SEPTETS_JOINED
MAX_VOICE_SECONDS: Final = 45
MAX_SENTENCE_WORDS: Final = 25
MAX_GRADE: Final = 8.0
MAX_MEDIAN_GRADE: Final = 6.0
GRADED_FROM_WORDS: Final = 10  # the formula says nothing about a label or a greeting
NEXT_TOPICS: Final = range(2, 4)
_LONG_FIELDS: Final = {
    "worker": "Alexandra",
    "time": "9:15 am on Wednesday 23 September",
}


def check_guide(folder: Path = DEFAULT_FOLDER, training: Path | None = None) -> list[str]:
    """Return every fault of the guide in `folder`, one line each, sorted; empty if there is none.

    With `training`, the folder of the training messages, those are checked too. What the loader
    refuses comes first and alone: words are measured only once they can be read.
    """
    try:
        guide = load_guide(folder)
    except GuideError as error:
        return error.problems
    ruler = _Ruler(guide.contacts)
    found = [
        *_topics(guide, folder, ruler),
        *_median(guide),
        *_phrases(guide, ruler),
        *_glossary(guide, ruler),
    ]
    if training is not None:
        found += training_findings(guide, training)
    return sorted([*map(str, found), *_other_words(folder, guide.contacts)])


def format_guide(folder: Path = DEFAULT_FOLDER) -> list[Path]:
    """Write every topic's file in its canonical form and return those that changed.

    Raises GuideError when the guide cannot be loaded.
    """
    changed = []
    for document in load_guide(folder).documents.values():
        path = path_in(folder, document)
        if path.read_text(encoding="utf-8") != canonical(document):
            path.write_text(canonical(document), encoding="utf-8")
            changed.append(path)
    return changed


def wording_findings(text: str, channel: Channel) -> Iterator[tuple[str, str, str]]:
    """Give what is wrong with one rendered wording, each as value, rule and fix."""
    yield from _length_findings(text, channel)
    yield from _hardness(text)


def _hardness(text: str) -> Iterator[tuple[str, str, str]]:
    for sentence in wording.sentences(wording.without_numbers(text)):
        words = len(sentence.split())
        if words > MAX_SENTENCE_WORDS:
            value = f"a sentence of {words} words: {sentence[:40]!r}"
            yield value, f"at most {MAX_SENTENCE_WORDS}", "Make two sentences of it"
    grade = wording.grade(text)
    if grade > MAX_GRADE and wording.word_count(text) >= GRADED_FROM_WORDS:
        value, rule = f"reading grade {grade:.1f}", f"at most {MAX_GRADE:.0f}"
        yield value, rule, "Use shorter words and sentences"


def _length_findings(text: str, channel: Channel) -> Iterator[tuple[str, str, str]]:
    yield from _LIMITS[channel](text)


def _web(text: str) -> Iterator[tuple[str, str, str]]:
    words = wording.word_count(text)
    if words > MAX_WEB_WORDS:
        yield f"{words} words", f"at most {MAX_WEB_WORDS}", "Leave out what matters least"


def _sms(text: str) -> Iterator[tuple[str, str, str]]:
    strange = wording.not_gsm(text)
    if strange:
        value = f"the characters {strange!r}"
        yield value, "only GSM-7 goes in a text message", "Use plain quotes, hyphens and letters"
    count = wording.septets(text) or 0
    if count > MAX_SMS_SEPTETS:
        value = f"{count} septets"
        yield value, f"at most {MAX_SMS_SEPTETS}", "Leave out what matters least"
    if "**" in text or "](" in text:
        yield "Markdown", "a text message is plain", "Take out the stars and links"


def _voice(text: str) -> Iterator[tuple[str, str, str]]:
    seconds = wording.seconds(text)
    if seconds > MAX_VOICE_SECONDS:
        yield f"{seconds:.0f} seconds", f"at most {MAX_VOICE_SECONDS}", "Say less"
    if "**" in text or "](" in text:
        yield "Markdown", "what is spoken is plain", "Take out the stars and links"


_LIMITS: Final[dict[Channel, Callable[[str], Iterator[tuple[str, str, str]]]]] = {
    Channel.WEB: _web,
    Channel.SMS: _sms,
    Channel.VOICE: _voice,
}


def _other_words(folder: Path, contacts: ContactBook) -> Iterator[str]:
    """Give the faults in words that other parts of the helpline keep in the guide's folder."""
    for name in OTHER_WORDS:
        path = folder / name
        if not path.is_file():
            continue
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            reason = str(error).splitlines()[0]
            yield f"{name}: cannot be read: {reason}"
            continue
        for field, text in _texts(document):
            for reason in [*token_problems(text, contacts), *literal_problems(text)]:
                yield f"{name}: {field}: {reason}"
            for value, rule, fix in avoided(text):
                yield str(Finding(name, field, value, rule, fix))


def _texts(part: object, field: str = "") -> Iterator[tuple[str, str]]:
    """Give every text in a document with the path of keys that leads to it."""
    if isinstance(part, str):
        yield field, part
    elif isinstance(part, list):
        part = dict(enumerate(part))
    if isinstance(part, dict):
        for key, value in part.items():
            yield from _texts(value, f"{field}.{key}".lstrip("."))


class _Ruler:
    """Measures wordings in every form they can take."""

    def __init__(self, contacts: ContactBook) -> None:
        self._contacts = contacts
        self._prisons = {channel: self._longest(channel) for channel in Channel}

    def findings(self, file: str, field: str, channel: Channel, text: str) -> Iterator[Finding]:
        """Give the faults of one wording; a rule that is broken in several forms comes once."""
        seen: set[str] = set()
        for prison in (None, *self._prisons[channel]):
            for allowed in (True, False):
                said = self._render(text, channel, prison, allowed=allowed)
                # Sentences and grade are taken without a prison: what it adds is a number.
                check = wording_findings if prison is None else _length_findings
                for value, rule, fix in check(said, channel):
                    if rule not in seen:
                        seen.add(rule)
                        yield Finding(file, field, value, rule, fix)

    def _longest(self, channel: Channel) -> list[Prison]:
        """Return the prisons whose name, main number and safety line take the most room."""

        def room(prison: Prison, token: str) -> int:
            text = f"{{{{ prison:{token} }}}}"
            forms = (self._render(text, channel, prison, allowed=a) for a in (True, False))
            return max(_room(form, channel) for form in forms)

        open_now = [p for p in self._contacts.prisons.values() if p.open == "open"]
        if not open_now:
            return []
        longest = (max(open_now, key=lambda prison: room(prison, t)) for t in PRISON_FIELDS)
        return list({prison.key: prison for prison in longest}.values())

    def _render(self, text: str, channel: Channel, prison: Prison | None, *, allowed: bool) -> str:
        return render(
            text,
            contacts=self._contacts,
            prison=prison,
            allow_unverified=allowed,
            channel=channel,
        )


def _topics(guide: Guide, folder: Path, ruler: _Ruler) -> Iterator[Finding]:
    for topic in guide.topics.values():
        document = guide.documents[topic.id]
        path = path_in(folder, document)
        file = path.relative_to(folder).as_posix()
        if path.read_text(encoding="utf-8") != canonical(document):
            rule = "the file is written as export writes it, with comments only at the top"
            yield Finding(file, "the file", "another form", rule, "Run `make guide-format`")
        yield from _completeness(guide, topic, file)
        for field, channel, text in _wordings(topic):
            yield from ruler.findings(file, field, channel, text)
            for value, rule, fix in [
                *avoided(text),
                *danger_findings(topic, field, text),
                *letter_findings(guide, text),
                *shape_findings(topic, channel, text),
                *unexplained(topic, text),
            ]:
                yield Finding(file, field, value, rule, fix)


def _median(guide: Guide) -> Iterator[Finding]:
    grades = [wording.grade(topic.answers.web) for topic in guide.topics.values()]
    if grades and median(grades) > MAX_MEDIAN_GRADE:
        value, rule = f"a median grade of {median(grades):.1f}", f"at most {MAX_MEDIAN_GRADE:.0f}"
        yield Finding("topics", "answers.web", value, rule, "Use shorter words and sentences")


def _completeness(guide: Guide, topic: Topic, file: str) -> Iterator[Finding]:
    for other in topic.next:
        if topic.status == "published" and guide.topics[other].status != "published":
            value, rule = f"{other!r} is {guide.topics[other].status}", "a link leads to an answer"
            yield Finding(file, "next", value, rule, "Name a published topic")
    for number, source in enumerate(topic.sources):
        if source.seen > topic.reviewed_on:
            value, rule = f"{source.seen}", "a source is seen before the review that rests on it"
            yield Finding(file, f"sources.{number}.seen", value, rule, "Move reviewed_on")
    if topic.kind == "conversation":
        return
    if len(topic.next) not in NEXT_TOPICS:
        value = f"{len(topic.next)} topics"
        yield Finding(file, "next", value, "two or three", "Name what families ask next")
    if not topic.sources:
        rule = "every answer says where it comes from"
        yield Finding(file, "sources", "none", rule, "Add the pages it was written from")


def _wordings(topic: Topic) -> Iterator[tuple[str, Channel, str]]:
    for channel in Channel:
        yield f"answers.{channel.value}", channel, topic.answers.for_channel(channel)
        for number, variant in enumerate(topic.variants):
            own = variant.for_channel(channel)
            if own is not None:
                yield f"variants.{number}.{channel.value}", channel, own


def _phrases(guide: Guide, ruler: _Ruler) -> Iterator[Finding]:
    for key, phrase in guide.phrases.items():
        for channel in Channel:
            text = _filled(phrase, channel)
            yield from ruler.findings("phrases.yml", f"{key}.{channel}", channel, text)
            for value, rule, fix in avoided(text):
                yield Finding("phrases.yml", f"{key}.{channel}", value, rule, fix)


def _glossary(guide: Guide, ruler: _Ruler) -> Iterator[Finding]:
    yield from glossary_findings(guide)
    for term in guide.glossary.terms if guide.glossary is not None else ():
        field = f"terms.{term.id}.meaning"
        for value, rule, fix in [*avoided(term.meaning), *_hardness(term.meaning)]:
            yield Finding("glossary.yml", field, value, rule, fix)
    for channel, text in longest_answers(guide):
        yield from ruler.findings("glossary.yml", "the longest meanings", channel, text)


def _filled(phrase: Phrase, channel: Channel) -> str:
    text = phrase.for_channel(channel)
    for name in phrase.fields:
        text = text.replace(f"{{{name}}}", _LONG_FIELDS.get(name, "some words"))
    return text


def _room(text: str, channel: Channel) -> int:
    """Return what a wording takes of its channel's limit: letters in a text message, else words."""
    return len(text) if channel is Channel.SMS else wording.word_count(text)
