"""The guide in the database: importing files, publishing, and writing files back."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpline.enums import RevisionStatus
from helpline.errors import GuideError, NotFound
from helpline.guide.check import format_guide
from helpline.guide.loader import load_guide
from helpline.guide.repository import (
    ImportResult,
    export_guide,
    find_published,
    get_published,
    import_guide,
    list_published,
    publish,
    published_version,
    withdraw,
)
from helpline.models import AuditEntry, Revision, Topic
from tests.guide_folder import REAL, GuideFolder, topic

FILES = "test files"


@pytest.fixture
def folder(tmp_path: Path) -> GuideFolder:
    """A small guide with one topic that is not in the real one."""
    folder = GuideFolder(tmp_path / "guide")
    folder.write_topic(topic("seeing-a-nurse"))
    return folder


def _import(session: Session, folder: GuideFolder) -> ImportResult:
    return import_guide(session, load_guide(folder.path), FILES)


def _statuses(session: Session, topic_id: str = "seeing-a-nurse") -> list[str]:
    query = select(Revision.status).where(Revision.topic_id == topic_id).order_by(Revision.number)
    return [status.value for status in session.scalars(query)]


def test_a_new_file_is_published(session: Session, folder: GuideFolder) -> None:
    """A topic appears with its words, who brought it, and a line in the trail."""
    result = _import(session, folder)

    assert result.created == ("seeing-a-nurse",)
    revision = get_published(session, "seeing-a-nurse")
    assert (revision.number, revision.author) == (1, FILES)
    assert revision.published_at is not None
    assert revision.content["answers"]["sms"].startswith("Ring {{ prison:switchboard }}")
    row = session.get_one(Topic, "seeing-a-nurse")
    assert (row.kind, row.section, row.title) == (
        "guide",
        "What to expect",
        "How do they see a nurse?",
    )
    trail = session.scalars(
        select(AuditEntry).where(
            AuditEntry.subject_type == "revision", AuditEntry.subject_id == revision.id
        )
    ).all()
    assert [entry.action for entry in trail] == ["revision_published"]


def test_importing_twice_changes_nothing(session: Session, folder: GuideFolder) -> None:
    """A second start leaves every revision, and the mark of the published set, as it was."""
    _import(session, folder)
    before = published_version(session)

    result = _import(session, folder)

    assert result == ImportResult(unchanged=("seeing-a-nurse",))
    assert _statuses(session) == ["published"]
    assert published_version(session) == before


def test_changed_words_are_a_new_revision(session: Session, folder: GuideFolder) -> None:
    """The old wording stays on record, superseded; the new one answers."""
    _import(session, folder)
    before = published_version(session)
    folder.write_topic(topic(title="Who looks at his foot?"))

    assert _import(session, folder).changed == ("seeing-a-nurse",)

    assert _statuses(session) == ["superseded", "published"]
    assert get_published(session, "seeing-a-nurse").content["title"] == "Who looks at his foot?"
    assert session.get_one(Topic, "seeing-a-nurse").title == "Who looks at his foot?"
    assert published_version(session) != before


def test_a_draft_is_kept_and_not_published(session: Session, folder: GuideFolder) -> None:
    """Work in progress is stored, and what was published goes on answering meanwhile."""
    _import(session, folder)
    folder.write_topic(topic(status="draft", title="Not yet"))

    assert _import(session, folder).changed == ("seeing-a-nurse",)

    assert _statuses(session) == ["published", "draft"]
    assert get_published(session, "seeing-a-nurse").number == 1
    assert _import(session, folder).unchanged == ("seeing-a-nurse",)


def test_a_draft_that_never_was_published_answers_nothing(
    session: Session, folder: GuideFolder
) -> None:
    """A new topic that is still a draft is unknown to families."""
    folder.write_topic(topic(status="draft"))

    assert _import(session, folder).created == ("seeing-a-nurse",)

    assert find_published(session, "seeing-a-nurse") is None
    with pytest.raises(NotFound):
        get_published(session, "seeing-a-nurse")


def test_a_withdrawn_file_takes_the_topic_out_of_service(
    session: Session, folder: GuideFolder
) -> None:
    """One word in a file stops an answer that turned out wrong."""
    _import(session, folder)
    folder.write_topic(topic(status="withdrawn"))

    assert _import(session, folder).withdrawn == ("seeing-a-nurse",)

    assert _statuses(session) == ["superseded", "withdrawn"]
    assert find_published(session, "seeing-a-nurse") is None
    assert _import(session, folder).unchanged == ("seeing-a-nurse",)


def test_a_file_that_is_gone_withdraws_and_may_come_back(
    session: Session, folder: GuideFolder
) -> None:
    """Deleting a file silences its topic; putting the same file back lets it speak again."""
    _import(session, folder)
    path = folder.path / "topics/what-to-expect/seeing-a-nurse.yml"
    words = path.read_text()
    path.unlink()
    folder.write_topic(topic("another"))

    assert _import(session, folder).withdrawn == ("seeing-a-nurse",)
    assert find_published(session, "seeing-a-nurse") is None

    path.write_text(words)
    assert _import(session, folder).changed == ("seeing-a-nurse",)
    assert get_published(session, "seeing-a-nurse").number == 2


def test_an_unchanged_file_never_undoes_what_staff_did(
    session: Session, folder: GuideFolder
) -> None:
    """A restart does not bring yesterday's words back over an editor's correction."""
    _import(session, folder)
    publish(session, "seeing-a-nurse", topic(title="Corrected by staff"), "worker:1")

    assert _import(session, folder).unchanged == ("seeing-a-nurse",)
    assert get_published(session, "seeing-a-nurse").author == "worker:1"

    folder.write_topic(topic(title="Changed in the file since"))
    assert _import(session, folder).changed == ("seeing-a-nurse",)
    assert get_published(session, "seeing-a-nurse").author == FILES


def test_staff_can_withdraw_and_a_restart_respects_it(
    session: Session, folder: GuideFolder
) -> None:
    """What an editor took out of service stays out until the file changes."""
    _import(session, folder)
    withdraw(session, "seeing-a-nurse", "worker:1")

    assert _import(session, folder).unchanged == ("seeing-a-nurse",)
    assert find_published(session, "seeing-a-nurse") is None


def test_publishing_for_an_unknown_topic_is_refused(session: Session) -> None:
    """Words need a topic to stand under."""
    with pytest.raises(NotFound):
        publish(session, "nowhere", topic("nowhere"), "worker:1")


def test_a_broken_folder_changes_nothing(session: Session, folder: GuideFolder) -> None:
    """One mistake in one file leaves the running guide exactly as it was."""
    _import(session, folder)
    before = published_version(session)
    folder.write_topic(topic(title="Better words"))
    folder.write("topics/what-to-expect/broken.yml", "id: a\nid: b\n")

    with pytest.raises(GuideError, match=r"broken\.yml: line 2: the key 'id' stands twice"):
        _import(session, folder)

    assert published_version(session) == before
    assert get_published(session, "seeing-a-nurse").content["title"] == "How do they see a nurse?"


def test_import_then_export_leaves_no_diff(session: Session, tmp_path: Path) -> None:
    """The real guide comes back from the database byte for byte."""
    import_guide(session, load_guide(REAL), "files")

    written = export_guide(session, tmp_path)

    real = sorted(path.relative_to(REAL) for path in REAL.glob("topics/*/*.yml"))
    assert sorted(path.relative_to(tmp_path) for path in written) == real
    for path in real:
        assert (tmp_path / path).read_bytes() == (REAL / path).read_bytes()


def test_export_writes_only_what_differs(session: Session, tmp_path: Path) -> None:
    """A second export touches no file, so that no editor sees a change that is none."""
    import_guide(session, load_guide(REAL), "files")
    export_guide(session, tmp_path)

    assert export_guide(session, tmp_path) == []
    assert list(tmp_path.rglob("*.part")) == []


def test_comments_drafts_and_withdrawals_survive_the_round_trip(
    session: Session, folder: GuideFolder, tmp_path: Path
) -> None:
    """Every status comes back as the file it was, with the comment on its top."""
    nurse = folder.write_topic(topic())
    nurse.write_text("# Ask A. about this.\n" + nurse.read_text())
    folder.write_topic(topic("a-draft", status="draft"))
    folder.write_topic(topic("gone", status="withdrawn"))
    format_guide(folder.path)
    _import(session, folder)

    export_guide(session, tmp_path / "out")

    assert nurse.read_text().startswith("# Ask A. about this.\nid: ")
    for path in folder.path.glob("topics/*/*.yml"):
        copy = tmp_path / "out" / path.relative_to(folder.path)
        assert copy.read_text() == path.read_text()


def test_what_is_published_is_listed_in_the_order_of_the_guide(session: Session) -> None:
    """Sections come in their order, and conversation last."""
    import_guide(session, load_guide(REAL), "files")
    kinds = [revision.content["section"] for revision in list_published(session)]

    assert kinds[0] == "What to expect"
    assert kinds[-1] == "Conversation"
    published = select(func.count()).where(Revision.status == RevisionStatus.PUBLISHED)
    assert len(kinds) == session.scalar(published)
