"""Checking and printing the guide from the command line."""

from datetime import date
from pathlib import Path

import click
import pytest

from app.guide import check, make_book
from helpline.errors import GuideError
from helpline.guide.check import format_guide
from tests.guide_folder import GuideFolder, topic


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all the machine has to look for programs in."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def _browser(programs: Path, script: str) -> None:
    program = programs / "chromium"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def test_a_guide_in_order_says_so(
    folder: GuideFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The number of topics and messages is told; without numbers to ring, live mode is ready."""
    check(folder.path, tmp_path / "data" / "nlu", live=True)

    said = capsys.readouterr().out
    assert "The guide is in order: 0 topics, 0 training messages." in said
    assert "Every number that is shown has been rung." in said


def test_faults_are_listed_and_counted(folder: GuideFolder, tmp_path: Path) -> None:
    """The command fails with every fault on its own line."""
    folder.write_topic(topic())
    format_guide(folder.path)

    with pytest.raises(GuideError) as refused:
        check(folder.path, tmp_path / "data" / "nlu")

    assert refused.value.problems[-1] == f"{len(refused.value.problems) - 1} faults."


def test_live_mode_lists_what_nobody_has_rung(folder: GuideFolder, tmp_path: Path) -> None:
    """Whoever prepares for real callers gets a list to work through with a telephone."""
    words = "Ring {{ phone:rethink }}."
    folder.write("phrases.yml", {"ask": {"web": words, "sms": words, "voice": words}})
    check(folder.path, tmp_path / "data" / "nlu")

    with pytest.raises(GuideError) as refused:
        check(folder.path, tmp_path / "data" / "nlu", live=True)

    about, number = refused.value.problems
    assert about.startswith("1 numbers nobody has rung yet")
    assert "0808 801 0525" in number


def test_reviews_that_are_due_or_late_are_named(
    folder: GuideFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever edits the guide sees what waits for a review; it does not fail the check."""
    term = {
        "id": "imb",
        "term": "IMB",
        "aliases": [],
        "meaning": "These people check on the prison.",
        "see": None,
        "certain": True,
        "sources": [{"title": "A page", "url": "https://example.org/a", "seen": "2026-11-21"}],
    }
    head = {"owner": "A", "reviewed_on": "2026-11-21", "review_by": "2027-05-21", "approval": None}
    folder.write("glossary.yml", {**head, "everyday": [], "terms": [term]})

    for day, said in [
        (date(2027, 4, 20), ""),
        (date(2027, 4, 21), "glossary is due for review (by 2027-05-21, A)\n"),
        (date(2027, 5, 22), "glossary is past its review (by 2027-05-21, A)\n"),
    ]:
        check(folder.path, tmp_path / "data" / "nlu", today=day)
        assert capsys.readouterr().out.partition("messages.\n")[2] == said


def test_the_book_is_a_page_and_a_pdf(folder: GuideFolder, programs: Path, tmp_path: Path) -> None:
    """The browser is asked to print the page beside it."""
    _browser(
        programs, 'for a in "$@"; do case $a in --print-to-pdf=*) echo > "${a#*=}";; esac; done'
    )

    make_book(folder.path, tmp_path / "book")

    assert {path.name for path in (tmp_path / "book").iterdir()} == {"guide.html", "guide.pdf"}


@pytest.mark.parametrize(
    ("script", "words"),
    [(None, "There is no Chromium"), ("exit 3", "could not print the guide (exit code 3)")],
)
def test_without_a_browser_the_page_is_still_there(
    folder: GuideFolder, programs: Path, tmp_path: Path, script: str | None, words: str
) -> None:
    """One plain sentence says what is missing, and reviewers can read on the screen."""
    if script is not None:
        _browser(programs, script)

    with pytest.raises(click.ClickException) as refused:
        make_book(folder.path, tmp_path / "book")

    assert words in refused.value.message
    assert (tmp_path / "book" / "guide.html").is_file()
    assert not (tmp_path / "book" / "guide.pdf").exists()
