"""The guide as a book: all of it, as families meet it, with what a reviewer needs to sign."""

from datetime import date

import html5lib
import pytest

from helpline.errors import GuideError
from helpline.guide.book import render_book, render_table
from helpline.guide.content import Guide
from tests.guide_folder import ANSWERS, GuideFolder, topic

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def real_book() -> str:
    """The book of the guide the helpline really has."""
    return render_book(today=TODAY)


def _book(folder: GuideFolder, today: date = TODAY) -> str:
    return render_book(folder.path, folder.path / "no-training", today)


def test_a_topic_shows_words_measures_state_and_sources(folder: GuideFolder) -> None:
    """Everything to judge an answer by stands beside it."""
    folder.write_topic(
        topic(next=["other"], variants=[{"applies_to": ["wales"], "web": "**In Wales** ask."}])
    )
    folder.write_topic(topic("other", approval={"by": "A. Clinician", "on": "2026-11-22"}))

    page = _book(folder)

    assert "<ul>\n<li>Say who.</li>" in page
    assert "Ring the prison's main number and ask for the nurse." in page.replace("&#39;", "'")
    assert "52 septets · 1 segment<" in page
    assert "Instead, for Wales" in page
    assert "<strong>In Wales</strong> ask." in page
    assert "awaiting Pact's approval" in page
    assert "approved by A. Clinician, 2026-11-22" in page
    assert '<a href="#other">' in page
    assert "https://example.org/a" in page


def test_an_overdue_review_is_marked(folder: GuideFolder) -> None:
    """A reviewer sees at once what nobody has looked at in time."""
    folder.write_topic(topic())

    assert "(overdue)" not in _book(folder, date(2027, 5, 21))
    assert "(overdue)" in _book(folder, date(2027, 5, 22))


def test_words_of_the_guide_cannot_become_markup(folder: GuideFolder) -> None:
    """What an editor types is shown, never run."""
    folder.write_topic(topic(title="A <b>title</b>", answers={**ANSWERS, "web": "<script>x"}))

    page = _book(folder)

    assert "<script>" not in page
    assert "A <b>title" not in page


def test_the_real_book_holds_everything(real_book: str, real_guide: Guide) -> None:
    """Every topic, term, phrase and prison is in it, each topic with a box to sign."""
    for topic_id in real_guide.topics:
        assert f'<article class="topic" id="{topic_id}">' in real_book
    assert real_guide.glossary is not None
    assert real_book.count("☐ Agreed ☐") == len(real_guide.topics) + 3
    assert "HMP Wandsworth" in real_book
    assert "When danger is noticed" in real_book
    assert "{{" not in real_book


def test_the_real_book_is_one_valid_page(real_book: str) -> None:
    """It opens anywhere, needs no other file, and every link inside it leads somewhere."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    document = parser.parse(real_book)

    ids = {e.get("id") for e in document.iter() if e.get("id")}
    inside = {e.get("href")[1:] for e in document.iter("a") if e.get("href").startswith("#")}
    assert inside <= ids
    assert not [e for e in document.iter() if e.tag in {"script", "link", "img", "iframe"}]


def test_no_book_is_made_of_a_broken_guide(folder: GuideFolder) -> None:
    """Reviewers never sign half a guide."""
    folder.write("phrases.yml", "greeting: [\n")

    with pytest.raises(GuideError):
        _book(folder)


def test_the_table_measures_every_topic(folder: GuideFolder) -> None:
    """One row a topic, late reviews marked, with the median a reviewer asks for."""
    folder.write_topic(topic())

    table = render_table(folder.path, folder.path / "no-training", date(2027, 5, 22))

    row = "| seeing-a-nurse | -0.3 | 14 | 52 (1) | 6 | 0 | 2027-05-21 (past) |"
    assert table.splitlines()[2] == row
    assert table.endswith("1 topics; median grade -0.3, highest -0.3; 0 training messages.")


def test_the_real_table_has_a_row_for_each_topic(real_guide: Guide) -> None:
    """The table in a note is the guide as it is."""
    rows = [line.split("|")[1].strip() for line in render_table().splitlines()[2:77]]

    assert sorted(rows) == sorted(real_guide.topics)
