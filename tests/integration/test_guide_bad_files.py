"""A mistake in the guide's folder is told plainly, and changes nothing that families are told."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpline.db import session_factory
from helpline.enums import Channel
from helpline.errors import GuideError
from helpline.guide.answers import PublishedGuide
from helpline.guide.loader import load_guide
from helpline.guide.repository import import_guide
from helpline.models import Revision
from tests.guide_folder import GuideFolder, topic

TOPIC = "topics/what-to-expect/seeing-a-nurse.yml"
Mistake = Callable[[Path], None]


def _write(content: bytes) -> Mistake:
    return lambda path: path.write_bytes(content) and None


def _append(content: bytes) -> Mistake:
    return lambda path: path.write_bytes(path.read_bytes() + content) and None


def _change(old: bytes, new: bytes) -> Mistake:
    return lambda path: path.write_bytes(path.read_bytes().replace(old, new)) and None


def _link_out(path: Path) -> None:
    outside = path.parents[3] / "outside.yml"
    outside.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(outside)


@pytest.mark.parametrize(
    ("mistake", "reason"),
    [
        (_change(b"  web:", b"\tweb:"), "a tab is used as indentation"),
        (_append(b"title: Again\n"), "the key 'title' stands twice"),
        (_change(b"title: How do they see a nurse?", b"title: 7"), "title: 7 should be text"),
        (_append(b"colour: red\n"), "'colour': no such field here"),
        (_append(b"# " + b"x" * 5 * 1024 * 1024 + b"\n"), "is over 256 KB"),
        (_change(b"nurse", b"n\xfcrse"), "is not UTF-8"),
        (_link_out, "is a link out of guide"),
        (_write(b"answers: [\n"), "did not find expected"),
        (_change(b"prison:switchboard", b"prison:reception"), "prison:reception is not known"),
        (_change(b"ask for the nurse", b"ring 020 7946 0000"), "stands in the words"),
        (_change(b"2027-05-21", b"next May"), "review_by"),
    ],
    ids=[
        "tab",
        "twice",
        "type",
        "unknown",
        "5MB",
        "latin1",
        "link",
        "yaml",
        "token",
        "num",
        "date",
    ],
)
def test_a_mistake_leaves_the_running_guide_as_it_was(
    session: Session, tmp_path: Path, mistake: Mistake, reason: str
) -> None:
    """The error names file and reason; the database and what is said stay word for word."""
    folder = GuideFolder(tmp_path / "guide")
    path = folder.write_topic(topic())
    import_guide(session, load_guide(folder.path), "files")
    session.commit()
    running = PublishedGuide(
        session_factory(), folder.path, allow_unverified=True, today=lambda: date(2026, 12, 1)
    )
    before = running.answer("seeing-a-nurse", Channel.WEB), running.phrase("greeting", Channel.WEB)
    revisions = session.scalar(select(func.count(Revision.id)))

    mistake(path)
    with pytest.raises(GuideError) as refused:
        import_guide(session, load_guide(folder.path), "files")
    running.refresh()

    assert any(line.startswith(TOPIC) and reason in line for line in refused.value.problems)
    after = running.answer("seeing-a-nurse", Channel.WEB), running.phrase("greeting", Channel.WEB)
    assert after == before
    assert session.scalar(select(func.count(Revision.id))) == revisions
