"""The guide in the database: what is published there is what the helpline says.

Files are imported on start. A file that has not changed since it was last imported never undoes
what staff did meanwhile; one that has changed becomes a new revision. Export writes the newest
revision of every topic back as files, in the one canonical form.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Select, String, cast, func, select, text
from sqlalchemy.orm import Session

from helpline import audit
from helpline.clock import utcnow
from helpline.enums import REVISION_MOVES, RevisionStatus, move
from helpline.errors import NotFound
from helpline.guide.canonical import canonical, content_hash, normalise, path_in
from helpline.guide.content import CONVERSATION, SECTIONS, Guide
from helpline.guide.yaml_files import Document
from helpline.models import Revision, Topic

_IMPORT_LOCK: Final = "select pg_advisory_xact_lock(hashtext('guide import'))"


@dataclass(frozen=True)
class ImportResult:
    """Topic ids by what an import did to them, each in alphabetical order."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()


def import_guide(session: Session, guide: Guide, author: str) -> ImportResult:
    """Bring a checked guide into the database, in the caller's transaction.

    For each topic whose file differs from what `author` last imported there is a new revision, and
    the one it replaces is superseded. A file with status draft makes a draft and leaves what is
    published alone; one with status withdrawn takes the topic out of service, and so does a file
    that `author` imported before and that is gone. Doing it twice changes nothing.
    """
    session.execute(text(_IMPORT_LOCK))
    did: dict[str, list[str]] = {"created": [], "changed": [], "unchanged": [], "withdrawn": []}
    topics = {topic.id: topic for topic in session.scalars(select(Topic))}
    for position, (topic_id, document) in enumerate(_in_order(guide.documents)):
        known = topics.get(topic_id)
        _describe(session, known, document, position)
        what = _import_topic(session, topic_id, document, author, is_new=known is None)
        did[what].append(topic_id)
    for topic_id in sorted(set(topics) - set(guide.documents)):
        if _last_imported(session, topic_id, author) and _withdraw(session, topic_id, author):
            did["withdrawn"].append(topic_id)
    session.flush()
    return ImportResult(**{what: tuple(sorted(ids)) for what, ids in did.items()})


def export_guide(session: Session, folder: Path) -> list[Path]:
    """Write the newest revision of every topic under `folder`/topics and return the files written.

    A file that is already right is left alone. A topic that was withdrawn because its file went
    away is not brought back.
    """
    written = []
    for revision in session.scalars(_newest_revisions()):
        document = revision.content
        if _went_with_its_file(revision):
            continue
        path, words = path_in(folder, document), canonical(document)
        if path.is_file() and path.read_text(encoding="utf-8") == words:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.with_suffix(".part")
        whole.write_text(words, encoding="utf-8")
        whole.replace(path)  # a reader sees the old file or the new one, never half of it
        written.append(path)
    return written


def publish(session: Session, topic_id: str, document: Document, author: str) -> Revision:
    """Make `document` the published revision of a topic; the one before it is superseded.

    The caller has checked the document. Raises NotFound when there is no such topic.
    """
    if session.get(Topic, topic_id) is None:
        message = f"no topic {topic_id!r}"
        raise NotFound(message)
    _retire(session, topic_id, RevisionStatus.DRAFT, RevisionStatus.WITHDRAWN)
    _retire(session, topic_id, RevisionStatus.PUBLISHED, RevisionStatus.SUPERSEDED)
    content = {**document, "status": "published"}
    return _add(session, topic_id, RevisionStatus.PUBLISHED, content, author)


def withdraw(session: Session, topic_id: str, author: str) -> Revision:
    """Take a topic out of service: its words are kept as a withdrawn revision, which is returned.

    Raises NotFound when nothing is published for it.
    """
    content = {**get_published(session, topic_id).content, "status": "withdrawn"}
    _retire(session, topic_id, RevisionStatus.PUBLISHED, RevisionStatus.SUPERSEDED)
    return _add(session, topic_id, RevisionStatus.WITHDRAWN, content, author)


def find_published(session: Session, topic_id: str) -> Revision | None:
    """Return the revision that answers for a topic, None when none is published."""
    return session.scalar(_with_status(topic_id, RevisionStatus.PUBLISHED))


def get_published(session: Session, topic_id: str) -> Revision:
    """Return the revision that answers for a topic; raise NotFound when none is published."""
    found = find_published(session, topic_id)
    if found is None:
        message = f"nothing is published for the topic {topic_id!r}"
        raise NotFound(message)
    return found


def list_published(session: Session) -> list[Revision]:
    """Return every published revision in the order of the guide."""
    query = select(Revision).join(Topic).where(Revision.status == RevisionStatus.PUBLISHED)
    return list(session.scalars(query.order_by(Topic.position, Topic.id)))


def published_version(session: Session) -> str:
    """Return a mark that differs whenever the set of published revisions does. One cheap query."""
    ids = func.string_agg(cast(Revision.id, String), ",").aggregate_order_by(Revision.id)
    published = Revision.status == RevisionStatus.PUBLISHED
    return session.scalar(select(func.md5(func.coalesce(ids, ""))).where(published)) or ""


def _in_order(documents: Mapping[str, Document]) -> Iterable[tuple[str, Document]]:
    sections = list(SECTIONS)
    return sorted(documents.items(), key=lambda item: (sections.index(item[1]["section"]), item[0]))


def _describe(session: Session, topic: Topic | None, document: Document, position: int) -> None:
    """Keep the topic's own row in step with its file."""
    if topic is None:
        topic = Topic(id=document["id"])
        session.add(topic)
    topic.section, topic.title = document["section"], document["title"]
    topic.kind = "conversation" if document["section"] == CONVERSATION else "guide"
    topic.position = position
    session.flush()


def _import_topic(
    session: Session, topic_id: str, document: Document, author: str, *, is_new: bool
) -> str:
    digest = content_hash(document)
    last = _last_imported(session, topic_id, author)
    if last is not None and _went_with_its_file(last):
        last = None
    current = session.scalar(_with_status(topic_id, RevisionStatus(document["status"])))
    if digest in {revision.content_hash for revision in (last, current) if revision is not None}:
        return "unchanged"
    match document["status"]:
        case "published":
            publish(session, topic_id, document, author)
        case "draft":
            _retire(session, topic_id, RevisionStatus.DRAFT, RevisionStatus.WITHDRAWN)
            _add(session, topic_id, RevisionStatus.DRAFT, document, author)
        case _:
            _retire(session, topic_id, RevisionStatus.DRAFT, RevisionStatus.WITHDRAWN)
            _retire(session, topic_id, RevisionStatus.PUBLISHED, RevisionStatus.SUPERSEDED)
            _add(session, topic_id, RevisionStatus.WITHDRAWN, document, author)
            return "withdrawn"
    return "created" if is_new else "changed"


def _last_imported(session: Session, topic_id: str, author: str) -> Revision | None:
    query = select(Revision).where(Revision.topic_id == topic_id, Revision.author == author)
    return session.scalar(query.order_by(Revision.number.desc()).limit(1))


def _went_with_its_file(revision: Revision) -> bool:
    """Whether a revision was withdrawn because its file was gone, so that the file may return."""
    was_published = revision.content["status"] == "published"
    return revision.status is RevisionStatus.WITHDRAWN and was_published


def _withdraw(session: Session, topic_id: str, author: str) -> bool:
    published = find_published(session, topic_id)
    _retire(session, topic_id, RevisionStatus.DRAFT, RevisionStatus.WITHDRAWN)
    _retire(session, topic_id, RevisionStatus.PUBLISHED, RevisionStatus.WITHDRAWN)
    if published is not None:
        _record(session, author, published)
    return published is not None


def _retire(session: Session, topic_id: str, was: RevisionStatus, to: RevisionStatus) -> None:
    for revision in session.scalars(_with_status(topic_id, was)):
        revision.status = move(REVISION_MOVES, revision.status, to)
        revision.superseded_at = utcnow()
    session.flush()


def _add(
    session: Session, topic_id: str, status: RevisionStatus, document: Document, author: str
) -> Revision:
    content = normalise(document)
    last = session.scalar(select(func.max(Revision.number)).where(Revision.topic_id == topic_id))
    revision = Revision(
        topic_id=topic_id,
        number=(last or 0) + 1,
        status=status,
        content=content,
        content_hash=content_hash(content),
        author=author,
        published_at=utcnow() if status is RevisionStatus.PUBLISHED else None,
    )
    session.add(revision)
    session.flush()
    _record(session, author, revision)
    return revision


def _record(session: Session, author: str, revision: Revision) -> None:
    audit.record(
        session,
        actor=author,
        action=f"revision_{revision.status.value}",
        subject_type="revision",
        subject_id=revision.id,
        topic=revision.topic_id,
        number=revision.number,
    )


def _with_status(topic_id: str, status: RevisionStatus) -> Select[Revision]:
    query = select(Revision).where(Revision.topic_id == topic_id, Revision.status == status)
    return query.order_by(Revision.number.desc())


def _newest_revisions() -> Select[Revision]:
    newest = select(Revision.topic_id, func.max(Revision.number).label("number")).group_by(
        Revision.topic_id
    )
    last = newest.subquery()
    same = (Revision.topic_id == last.c.topic_id) & (Revision.number == last.c.number)
    return select(Revision).join(last, same).order_by(Revision.topic_id)
