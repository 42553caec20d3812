"""The whole guide as one page that Pact's reviewers read, comment on and sign.

Words are shown as families meet them: without a prison, and with the cautions of numbers that
nobody has rung. The page needs no other file, and prints.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, Final

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from helpline.clock import london_date, utcnow
from helpline.enums import Channel
from helpline.guide import wording
from helpline.guide.check import GRADED_FROM_WORDS
from helpline.guide.check_training import DEFAULT_TRAINING, training_counts
from helpline.guide.content import SECTIONS, Guide, Topic, Wordings
from helpline.guide.loader import DEFAULT_FOLDER, load_guide
from helpline.guide.numbers import Shown, shown_numbers
from helpline.guide.tokens import render

TEMPLATE: Final = "book.html"
_GROUPS: Final = {
    "england": "for England",
    "wales": "for Wales",
    "under_18": "for places that hold only under-18s",
    "private": "for privately run prisons",
}


@dataclass(frozen=True)
class Said:
    """One set of wordings, measured. A channel that keeps the topic's own words is None."""

    title: str
    web: Markup | None
    web_words: int
    grade: float | None
    sms: str | None
    septets: int
    segments: int
    voice: str | None
    seconds: float


@dataclass(frozen=True)
class Entry:
    """One topic as the book shows it."""

    topic: Topic
    wordings: tuple[Said, ...]
    next_titles: tuple[tuple[str, str], ...]
    messages: int
    lapsed: bool

    @property
    def own(self) -> Said:
        """The topic's own words, which variants replace for some prisons."""
        return self.wordings[0]


def render_book(
    folder: Path = DEFAULT_FOLDER,
    training: Path = DEFAULT_TRAINING,
    today: date | None = None,
) -> str:
    """Return the guide in `folder` as one HTML page. Raises GuideError when it cannot be loaded."""
    guide = load_guide(folder)
    day = today or london_date(utcnow())
    maker = _Maker(guide, training_counts(training), day)
    numbers = shown_numbers(guide, folder)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(
        today=day,
        sections=list(maker.sections()),
        phrases=list(maker.phrases()),
        safety=list(maker.safety(folder)),
        safety_head=_safety(folder),
        glossary=guide.glossary,
        terms=sorted(guide.glossary.terms, key=lambda t: t.term.lower()) if guide.glossary else [],
        titles={topic.id: topic.title for topic in guide.topics.values()},
        services=[shown for shown in numbers if shown.line not in _PRISON_LINES],
        prisons=_by_prison(numbers),
        unrung=sum(n.phone.verified_by_phone is None and not n.always_given for n in numbers),
        numbers=len(numbers),
    )


def render_table(
    folder: Path = DEFAULT_FOLDER,
    training: Path = DEFAULT_TRAINING,
    today: date | None = None,
) -> str:
    """Return one Markdown row a topic: grade, lengths, training messages, review and approval.

    Raises GuideError when the guide cannot be loaded.
    """
    day = today or london_date(utcnow())
    maker = _Maker(load_guide(folder), training_counts(training), day)
    rows = [
        "| Topic | Grade | Web words | Text septets (parts) | Spoken s | Messages | Review by |",
        "|---|---|---|---|---|---|---|",
    ]
    entries = [entry for _, _, entries in maker.sections() for entry in entries]
    for entry in entries:
        said = entry.own
        grade = f"{said.grade:.1f}" if said.grade is not None else "-"
        late = " (past)" if entry.lapsed else ""
        rows.append(
            f"| {entry.topic.id} | {grade} | {said.web_words} | {said.septets} ({said.segments}) "
            f"| {said.seconds:.0f} | {entry.messages} | {entry.topic.review_by}{late} |"
        )
    grades = [entry.own.grade for entry in entries if entry.own.grade is not None]
    if grades:
        total = (
            f"{len(entries)} topics; median grade {median(grades):.1f}, highest {max(grades):.1f}; "
            f"{sum(entry.messages for entry in entries)} training messages."
        )
        rows += ["", total]
    return "\n".join(rows)


_PRISON_LINES: Final = ("main number", "safer custody line")


class _Maker:
    """Turns the guide's words into what the page shows."""

    def __init__(self, guide: Guide, messages: Mapping[str, int], today: date) -> None:
        self._guide = guide
        self._messages = messages
        self._today = today
        self._markdown = MarkdownIt("zero", {"html": False})
        self._markdown.enable(["list", "emphasis", "link", "escape", "newline"])

    def sections(self) -> Iterator[tuple[str, str, list[Entry]]]:
        for section, slug in SECTIONS.items():
            topics = [t for t in self._guide.topics.values() if t.section == section]
            if topics:
                yield section, slug, [self._entry(topic) for topic in topics]

    def phrases(self) -> Iterator[Said]:
        for key, phrase in self._guide.phrases.items():
            yield self._said(key.replace("_", " "), phrase.web, phrase.sms, phrase.voice)

    def safety(self, folder: Path) -> Iterator[Said]:
        for title, part in _fragments(_safety(folder)):
            yield self._said(title, part.web, part.sms, part.voice)

    def _entry(self, topic: Topic) -> Entry:
        answers = topic.answers
        said = [self._said("", answers.web, answers.sms, answers.voice)]
        for variant in topic.variants:
            title = "Instead, " + " and ".join(_GROUPS[group] for group in variant.applies_to)
            said.append(self._said(title, variant.web, variant.sms, variant.voice))
        return Entry(
            topic=topic,
            wordings=tuple(said),
            next_titles=tuple((other, self._guide.topics[other].title) for other in topic.next),
            messages=self._messages.get(topic.id, 0),
            lapsed=topic.review_by < self._today,
        )

    def _said(self, title: str, web: str | None, sms: str | None, voice: str | None) -> Said:
        page = self._words(web, Channel.WEB) if web is not None else None
        text = self._words(sms, Channel.SMS) if sms is not None else None
        speech = self._words(voice, Channel.VOICE) if voice is not None else None
        words = wording.word_count(page or "")
        return Said(
            title=title,
            web=Markup(self._markdown.render(page)) if page is not None else None,  # noqa: S704
            web_words=words,
            grade=wording.grade(page or "") if words >= GRADED_FROM_WORDS else None,
            sms=text,
            septets=wording.septets(_sendable(text or "")) or 0,
            segments=wording.segments(_sendable(text or "")),
            voice=speech,
            seconds=wording.seconds(speech or ""),
        )

    def _words(self, text: str, channel: Channel) -> str:
        said = render(
            text.rstrip("\n"),
            contacts=self._guide.contacts,
            prison=None,
            allow_unverified=True,
            channel=channel,
        )
        # A field that is filled in when it is said stands in single angle quotes.
        return said.replace("{", "\u2039").replace("}", "\u203a")


def _sendable(text: str) -> str:
    """Return a text message with its fields in brackets that a text message can carry."""
    return text.replace("\u2039", "(").replace("\u203a", ")")


def _safety(folder: Path) -> dict[str, Any]:
    path = folder / "safety" / "reply.yml"
    if not path.is_file():
        return {}
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def _fragments(part: Mapping[str, Any], title: str = "") -> Iterator[tuple[str, Wordings]]:
    """Give each set of three wordings in the safety replies, with the keys that lead to it."""
    if set(part) >= {"web", "sms", "voice"}:
        yield title, Wordings(web=part["web"], sms=part["sms"], voice=part["voice"])
        return
    for key, value in part.items():
        if isinstance(value, dict):
            name = key.replace("_", " ")
            yield from _fragments(value, f"{title}, {name}" if title else name)


def _by_prison(numbers: list[Shown]) -> list[tuple[str, Shown | None, Shown | None]]:
    """Return each prison with its main number and its safety line."""
    found: dict[str, dict[str, Shown]] = {}
    for shown in numbers:
        if shown.line in _PRISON_LINES:
            found.setdefault(shown.who, {})[shown.line] = shown
    return [(who, *(lines.get(line) for line in _PRISON_LINES)) for who, lines in found.items()]  # type: ignore[misc]
