"""Reading the whole guide from its folder, or saying everything that is wrong with it.

    topics/<section>/<id>.yml   what the helpline may answer
    phrases.yml                 what it says around the answers
    glossary.yml                what prison and NHS words mean
    languages.yml               what is said to who does not write in English (languages.py)
    contacts/                   numbers, prisons, and the words around them

Nothing is taken from a folder with a single error in it, so a mistake never changes what is live.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from helpline.errors import GuideError
from helpline.guide.canonical import normalise
from helpline.guide.content import (
    SECTIONS,
    ContactBook,
    Fallback,
    Guide,
    Names,
    Phrase,
    Prison,
    Service,
    TermList,
    Topic,
    Wordings,
)
from helpline.guide.faults import contact_faults, phrase_faults, topic_faults
from helpline.guide.glossary import glossary_faults
from helpline.guide.schema import Schema
from helpline.guide.yaml_files import COMMENT, Document, read_yaml

DEFAULT_FOLDER: Final = Path(__file__).resolve().parents[2] / "guide_content"


def load_guide(folder: Path = DEFAULT_FOLDER) -> Guide:
    """Read and check every topic, phrase and contact under `folder`.

    Raises GuideError with all problems found, each as "file: field: reason".
    """
    reader = _Reader(folder)
    contacts = reader.contacts()
    phrases = reader.phrases(contacts)
    documents, topics = reader.topics(contacts)
    glossary = reader.glossary()
    if reader.problems or contacts is None:
        raise GuideError(sorted(reader.problems))
    return Guide(
        topics=topics, documents=documents, phrases=phrases, contacts=contacts, glossary=glossary
    )


def load_contacts(folder: Path = DEFAULT_FOLDER) -> ContactBook:
    """Read and check only the contacts under `folder`. Raises GuideError with all problems."""
    reader = _Reader(folder)
    contacts = reader.contacts()
    if reader.problems or contacts is None:
        raise GuideError(sorted(reader.problems))
    return contacts


def load_words(folder: Path = DEFAULT_FOLDER) -> tuple[ContactBook, Mapping[str, Phrase]]:
    """Read and check the contacts and phrases: all that can be said without the database.

    Raises GuideError with all problems.
    """
    reader = _Reader(folder)
    contacts = reader.contacts()
    phrases = reader.phrases(contacts)
    if reader.problems or contacts is None:
        raise GuideError(sorted(reader.problems))
    return contacts, phrases


def load_glossary(folder: Path = DEFAULT_FOLDER) -> TermList | None:
    """Read and check the glossary under `folder`; None when there is none.

    Raises GuideError with all problems.
    """
    reader = _Reader(folder)
    glossary = reader.glossary()
    if reader.problems:
        raise GuideError(sorted(reader.problems))
    return glossary


@dataclass
class _Reader:
    """One reading of a folder; problems pile up so that an editor can mend them all at once."""

    folder: Path
    problems: list[str] = field(default_factory=list)
    schema: Schema | None = None

    def __post_init__(self) -> None:
        try:
            self.schema = Schema(self.folder)
        except (OSError, ValueError) as error:
            raise GuideError([f"schema.json: cannot be used: {error}"]) from error

    # One folder or file each

    def contacts(self) -> ContactBook | None:
        before = len(self.problems)
        services = self._folder("contacts/services", "service", Service, "id")
        prisons = self._folder("contacts/prisons", "prison", Prison, "key")
        names = self._file("contacts/names.yml", "names", Names)
        fallback = self._file("contacts/fallback.yml", "fallback", Fallback)
        cautions = self._mapping("contacts/cautions.yml", "cautions", Wordings)
        if len(self.problems) > before or names is None or fallback is None:
            return None
        book = ContactBook(
            services=services, prisons=prisons, names=names, fallback=fallback, cautions=cautions
        )
        self.problems += contact_faults(book)
        return book

    def phrases(self, contacts: ContactBook | None) -> dict[str, Phrase]:
        phrases = self._mapping("phrases.yml", "phrases", Phrase)
        for key, phrase in phrases.items():
            for where, reason in phrase_faults(phrase, contacts):
                self.problems.append(f"phrases.yml: {key}.{where}: {reason}")
        return phrases

    def glossary(self) -> TermList | None:
        if not (self.folder / "glossary.yml").exists():
            return None
        glossary = self._file("glossary.yml", "glossary", TermList)
        if glossary is not None:
            self.problems += [f"glossary.yml: {fault}" for fault in glossary_faults(glossary)]
        return glossary

    def topics(self, contacts: ContactBook | None) -> tuple[dict[str, Document], dict[str, Topic]]:
        documents: dict[str, Document] = {}
        topics: dict[str, Topic] = {}
        for path in self._yaml_files("topics"):
            file = path.relative_to(self.folder).as_posix()
            document = self._document(path, "topic")
            if document is None:
                continue
            self._check_place(path, document, documents)
            if contacts is not None:
                faults = topic_faults(document, contacts)
                self.problems += [f"{file}: {where}: {reason}" for where, reason in faults]
            topic = self._model(Topic, document, file)
            if topic is not None:
                documents[topic.id] = normalise(document)
                topics[topic.id] = topic
        for topic in topics.values():
            gone = [other for other in topic.next if other not in topics]
            file = f"topics/{SECTIONS[topic.section]}/{topic.id}.yml"
            self.problems += [f"{file}: next: there is no topic {other!r}" for other in gone]
        return documents, topics

    def _check_place(self, path: Path, document: Document, seen: Mapping[str, Document]) -> None:
        file = path.relative_to(self.folder).as_posix()
        folder, name = SECTIONS[document["section"]], document["id"]
        if path.stem != name:
            self.problems.append(f"{file}: id: {name!r} should be the file's name, {path.stem!r}")
        if path.relative_to(self.folder / "topics").parent.as_posix() != folder:
            self.problems.append(f"{file}: section: files of this section are in topics/{folder}")
        if name in seen:
            self.problems.append(f"{file}: id: another file has the id {name!r} too")

    # Reading

    def _folder[M: BaseModel](
        self, folder: str, kind: str, model: type[M], key: str
    ) -> dict[str, M]:
        found: dict[str, M] = {}
        for path in self._yaml_files(folder):
            file = path.relative_to(self.folder).as_posix()
            document = self._document(path, kind)
            if document is None:
                continue
            if document[key] != path.stem:
                self.problems.append(
                    f"{file}: {key}: {document[key]!r} should be the file's name, {path.stem!r}"
                )
            entry = self._model(model, document, file)
            if entry is not None:
                found[path.stem] = entry
        return found

    def _file[M: BaseModel](self, file: str, kind: str, model: type[M]) -> M | None:
        document = self._document(self.folder / file, kind)
        return None if document is None else self._model(model, document, file)

    def _mapping[M: BaseModel](self, file: str, kind: str, model: type[M]) -> dict[str, M]:
        document = self._document(self.folder / file, kind) or {}
        made = {
            key: self._model(model, value, f"{file}: {key}")
            for key, value in document.items()
            if key != COMMENT
        }
        return {key: entry for key, entry in made.items() if entry is not None}

    def _document(self, path: Path, kind: str) -> Document | None:
        try:
            document = read_yaml(path, self.folder)
        except GuideError as error:
            self.problems += error.problems
            return None
        file = path.relative_to(self.folder).as_posix()
        found = self.schema.problems(kind, document, file) if self.schema else []
        self.problems += found
        return None if found else document

    def _model[M: BaseModel](self, model: type[M], document: Document, file: str) -> M | None:
        body = {key: value for key, value in document.items() if key != COMMENT}
        try:
            return model.model_validate(body)
        except ValidationError as error:  # the schema should have said it first
            for fault in error.errors():
                where = ".".join(str(part) for part in fault["loc"])
                self.problems.append(f"{file}: {where}: {fault['msg']}")
            return None

    def _yaml_files(self, folder: str) -> Iterator[Path]:
        for path in sorted((self.folder / folder).rglob("*")):
            if path.is_dir() or path.name.startswith("."):
                continue
            if path.suffix == ".yml":
                yield path
            else:
                file = path.relative_to(self.folder).as_posix()
                self.problems.append(f"{file}: only .yml files belong here")
