"""What the helpline says: published answers, fixed phrases and contacts, ready for one channel.

Words come from three places. Answers are the published revisions in the database, read again as
soon as the set of them changes. Phrases and contacts are files, read when this is built and after
every change of the published set. If anything cannot be read, what was read before stays in use.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Final

from pydantic import ValidationError
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from helpline.clock import london_date, utcnow
from helpline.db import driver_url
from helpline.enums import Channel
from helpline.errors import GuideError, NotFound, TransientFailure
from helpline.guide import reviews
from helpline.guide.content import ContactBook, Phrase, Prison, Term, TermList, Topic
from helpline.guide.glossary import Glossary, spoken
from helpline.guide.languages import Foreign, LanguageList, find_foreign, load_languages
from helpline.guide.loader import DEFAULT_FOLDER, load_glossary, load_words
from helpline.guide.prisons import PrisonIndex, PrisonMention
from helpline.guide.replies import AnswerReply, Choice, SourceRef
from helpline.guide.repository import list_published, published_version
from helpline.guide.tokens import render
from helpline.guide.yaml_files import COMMENT

JARGON: Final = "jargon-buster"
"""The topic that answers what a word means."""
WANT_A_PERSON: Final = "want-a-person"
EXPLAINED_AT_ONCE: Final = {Channel.WEB: 3, Channel.SMS: 2, Channel.VOICE: 2}
"""How many terms one answer explains; more would not fit its channel."""

_FIELD: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")

log = logging.getLogger(__name__)


class HeldBack(NotFound):
    """A topic is published, but nobody has reviewed it in time: a person answers instead."""


@dataclass(frozen=True)
class _Words:
    """The part that comes from files."""

    contacts: ContactBook
    phrases: Mapping[str, Phrase]
    prisons: PrisonIndex
    glossary: Glossary | None
    languages: LanguageList | None


@dataclass(frozen=True)
class _Published:
    """The part that comes from the database; `version` says which set of revisions it is."""

    version: str
    topics: Mapping[str, Topic] = field(default_factory=dict)
    revisions: Mapping[str, int] = field(default_factory=dict)


class PublishedGuide:
    """The guide as it stands now. Safe to share between threads; built once a process."""

    def __init__(
        self,
        sessions: Callable[[], Session],
        folder: Path = DEFAULT_FOLDER,
        *,
        allow_unverified: bool,
        grace_days: int = reviews.DEFAULT_GRACE_DAYS,
        our_number: str = "",
        today: Callable[[], date] = lambda: london_date(utcnow()),
    ) -> None:
        """Read the words in `folder`; `sessions` gives a session whenever answers are looked up.

        `allow_unverified` decides about numbers that nobody has rung; `grace_days` is how long an
        answer may outlive its `review_by`; `our_number` is the helpline's own, E.164, "" for none.
        Raises GuideError when the files are wrong. The database is not touched yet, so phrases can
        be said while it is down.
        """
        self._sessions = sessions
        self._folder = folder
        self._allow_unverified = allow_unverified
        self._grace_days = grace_days
        self._today = today
        self._lock = Lock()
        self._our_number = our_number
        self._words = self._read_words()
        self._published: _Published | None = None
        self._own_engine: Engine | None = None

    @classmethod
    def from_url(
        cls,
        database_url: str,
        folder: Path = DEFAULT_FOLDER,
        *,
        allow_unverified: bool,
        grace_days: int = reviews.DEFAULT_GRACE_DAYS,
    ) -> "PublishedGuide":
        """Build a guide with a small connection pool of its own, as the action server needs."""
        engine = create_engine(
            driver_url(database_url), pool_pre_ping=True, pool_size=2, pool_timeout=2
        )
        guide = cls(
            sessionmaker(engine),
            folder,
            allow_unverified=allow_unverified,
            grace_days=grace_days,
        )
        guide._own_engine = engine
        return guide

    def close(self) -> None:
        """Close the connections that `from_url` opened; a guide on someone else's has none."""
        if self._own_engine is not None:
            self._own_engine.dispose()

    # Answers

    def answer(
        self,
        topic_id: str,
        channel: Channel,
        prison_key: str | None = None,
        *,
        under_18: bool = False,
    ) -> AnswerReply:
        """Return the published answer of a topic in the wording for `channel`.

        A prison that is known brings its number, and the variant written for its nation; `under_18`
        or a prison for children brings the one for under-18s (Topic.wording). Next topics are
        only those that could be answered now. Raises NotFound when nothing is published, HeldBack
        when it was due for review more than the grace ago, TransientFailure when no answers could
        ever be read from the database.
        """
        published = self._current()
        topic = published.topics.get(topic_id)
        if topic is None:
            message = f"nothing is published for the topic {topic_id!r}"
            raise NotFound(message)
        if self._is_held_back(topic):
            message = f"the topic {topic_id!r} was due for review on {topic.review_by}"
            raise HeldBack(message)
        prison = self._prison(prison_key)
        return AnswerReply(
            topic=topic_id,
            revision_id=published.revisions[topic_id],
            text=self._render(topic.wording(channel, prison, under_18=under_18), channel, prison),
            sources=tuple(SourceRef(title=s.title, url=s.url, seen=s.seen) for s in topic.sources),
            last_checked=topic.reviewed_on,
            approved=topic.approval is not None,
            next=self._choices(topic.next, published),
        )

    def explain(self, text: str, channel: Channel) -> AnswerReply | None:
        """Return what the prison words in `text` mean, as an answer of the jargon-buster topic.

        For messages understood as that topic; see Glossary.find for which words are found. A word
        that is not known is met with honest words and a person. The glossary is a file and has no
        revision, so `revision_id` is None; date and approval are the glossary's own. None when no
        one word is asked about, or the topic or the glossary may not be said.
        """
        published, glossary = self._current(), self._words.glossary
        if glossary is None or JARGON not in published.topics:
            return None
        if self._is_held_back(published.topics[JARGON]) or self._is_held_back(glossary.terms):
            return None
        terms = glossary.find(text)[: EXPLAINED_AT_ONCE[channel]]
        if not terms and not glossary.asks_unknown(text):
            return None
        see = dict.fromkeys(term.see for term in terms if term.see)
        sources = dict.fromkeys(source for term in terms for source in term.sources)
        return AnswerReply(
            topic=JARGON,
            revision_id=None,
            text=self._explanation(terms, channel),
            sources=tuple(SourceRef(title=s.title, url=s.url, seen=s.seen) for s in sources),
            last_checked=glossary.terms.reviewed_on,
            approved=glossary.terms.approval is not None,
            next=self._choices(see if terms else (WANT_A_PERSON,), published),
        )

    def title(self, topic_id: str) -> str:
        """Return the title of a published topic; raise NotFound when there is none."""
        topic = self._current().topics.get(topic_id)
        if topic is None:
            message = f"nothing is published for the topic {topic_id!r}"
            raise NotFound(message)
        return topic.title

    def has(self, topic_id: str) -> bool:
        """Whether a topic is published, held back or not."""
        return topic_id in self._current().topics

    def is_conversation(self, topic_id: str) -> bool:
        """Whether a published topic is small talk (a greeting, thanks) rather than the guide."""
        topic = self._current().topics.get(topic_id)
        return topic is not None and topic.kind == "conversation"

    def topic_ids(self) -> tuple[str, ...]:
        """Return the ids of all published topics in the order of the guide."""
        return tuple(self._current().topics)

    def list_reviews(self) -> list[reviews.Review]:
        """Return where each published topic and the glossary stand with their reviews, for staff.

        What has waited longest comes first. Raises TransientFailure as `answer` does.
        """
        glossary = self._words.glossary
        return reviews.list_reviews(
            self._current().topics.values(),
            glossary.terms if glossary is not None else None,
            self._today(),
            self._grace_days,
        )

    def lapsed(self) -> tuple[str, ...]:
        """Return the ids of what is past its `review_by`, held back yet or not."""
        past = {reviews.ReviewState.LAPSED, reviews.ReviewState.HELD_BACK}
        return tuple(review.id for review in self.list_reviews() if review.state in past)

    # Words that need no database

    def phrase(
        self,
        key: str,
        channel: Channel,
        /,
        *,
        prison_key: str | None = None,
        **fields: str,
    ) -> str:
        """Return the fixed phrase `key` for `channel`, its fields filled in.

        `fields` must be those the phrase lists, no fewer and no more; what they say is put in as it
        is, never read as a token. Raises NotFound for an unknown key, TypeError for wrong fields.
        """
        phrase = self._words.phrases.get(key)
        if phrase is None:
            message = f"there is no phrase {key!r}"
            raise NotFound(message)
        if set(fields) != set(phrase.fields):
            message = f"the phrase {key!r} takes {sorted(phrase.fields)}, not {sorted(fields)}"
            raise TypeError(message)
        text = self._render(phrase.for_channel(channel), channel, self._prison(prison_key))
        return _fill(text, fields)

    def render(self, text: str, *, channel: Channel, prison_key: str | None = None) -> str:
        """Return `text`, which comes from the guide's own files, with its tokens resolved."""
        return self._render(text, channel, self._prison(prison_key))

    def find_prisons(self, text: str, *, answering: bool = False) -> PrisonMention:
        """Find the prison a message is about; see helpline.guide.prisons.find_prisons."""
        return self._words.prisons.find(text, answering=answering)

    def find_foreign(self, text: str) -> Foreign | None:
        """Return the language of a message that is not English; None for one that may be."""
        languages = self._words.languages
        return None if languages is None else find_foreign(text, languages)

    def own_words(
        self, code: str, channel: Channel, /, *, prison_key: str | None = None
    ) -> str | None:
        """Return what a person who writes in this language is told in it; None when nothing is."""
        languages = self._words.languages
        own = None if languages is None else languages.languages.get(code)
        text = None if own is None else own.for_channel(channel)
        return None if text is None else self._render(text, channel, self._prison(prison_key))

    def prison_name(self, prison_key: str, channel: Channel) -> str:
        """Return a prison's name as families know it; raise NotFound for an unknown key."""
        if prison_key not in self._words.contacts.prisons:
            message = f"there is no prison {prison_key!r}"
            raise NotFound(message)
        return self._render("{{ prison:name }}", channel, self._prison(prison_key))

    @property
    def contacts(self) -> ContactBook:
        """The vetted contacts now in use."""
        return self._words.contacts

    # Keeping up

    def refresh(self) -> None:
        """Read files and database again now. Files with an error in them stay as they were read."""
        try:
            self._words = self._read_words()
        except GuideError as error:
            log.warning("guide files not taken", extra={"problems": len(error.problems)})
        self._published = self._read_published()

    def _current(self) -> _Published:
        """Return the published set, read again if it has changed since."""
        known = self._published
        try:
            with self._sessions() as session:
                version = published_version(session)
            if known is not None and known.version == version:
                return known
            with self._lock:
                return self._catch_up(version)
        except SQLAlchemyError as error:
            if known is None:
                raise TransientFailure("guide: the database cannot be read") from error
            log.warning("guide answers from memory", extra={"version": known.version})
            return known

    def _catch_up(self, version: str) -> _Published:
        """Read what another thread has not read already. The first time the files are still new."""
        if self._published is not None and self._published.version != version:
            self.refresh()
        return self._published or self._keep(self._read_published())

    def _keep(self, published: _Published) -> _Published:
        self._published = published
        return published

    def _read_words(self) -> _Words:
        contacts, phrases = load_words(self._folder)
        terms = load_glossary(self._folder)
        return _Words(
            contacts.with_our_line(self._our_number),
            phrases,
            PrisonIndex(contacts),
            Glossary(terms) if terms is not None else None,
            load_languages(self._folder),
        )

    def _read_published(self) -> _Published:
        topics: dict[str, Topic] = {}
        revisions: dict[str, int] = {}
        with self._sessions() as session:
            version = published_version(session)
            for revision in list_published(session):
                body = {k: v for k, v in revision.content.items() if k != COMMENT}
                try:
                    topics[revision.topic_id] = Topic.model_validate(body)
                except ValidationError as error:
                    about = {"revision_id": revision.id, "faults": error.error_count()}
                    log.warning("revision not readable", extra=about)
                    continue
                revisions[revision.topic_id] = revision.id
        return _Published(version, topics, revisions)

    def _prison(self, key: str | None) -> Prison | None:
        return self._words.contacts.prisons.get(key) if key is not None else None

    def _is_held_back(self, reviewed: Topic | TermList) -> bool:
        state = reviews.review_state(reviewed, self._today(), self._grace_days)
        return state is reviews.ReviewState.HELD_BACK

    def _choices(self, topics: Iterable[str], published: _Published) -> tuple[Choice, ...]:
        """Return those of `topics` that could be answered now, to pick from."""
        known = [published.topics[topic] for topic in topics if topic in published.topics]
        return tuple(
            Choice(label=topic.title, payload=f"/{topic.id}")
            for topic in known
            if not self._is_held_back(topic)
        )

    def _explanation(self, terms: Sequence[Term], channel: Channel) -> str:
        if not terms:
            return self.phrase("glossary_unknown", channel)
        said = [
            self.phrase("glossary_term", channel, term=spoken(term, channel), meaning=term.meaning)
            for term in terms
        ]
        between = " " if channel is Channel.VOICE else "\n" if channel is Channel.SMS else "\n\n"
        return self.phrase("glossary_answer", channel, meanings=between.join(said))

    def _render(self, text: str, channel: Channel, prison: Prison | None) -> str:
        return render(
            text,
            contacts=self._words.contacts,
            prison=prison,
            allow_unverified=self._allow_unverified,
            channel=channel,
        )


def _fill(text: str, fields: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda match: fields[match[1]], text) if fields else text
