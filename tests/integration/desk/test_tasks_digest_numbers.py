"""Tasks with attempts, the morning digest, and numbers that give nobody away."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpline import figures, tasks
from helpline.clock import london_date, utcnow
from helpline.enums import Channel, Outcome, Sender, Severity, TaskKind
from helpline.models import Message, Task, TaskAttempt


@pytest.fixture
def call_back(family, session):
    """A call that is owed to a family."""
    home = family()
    task = tasks.open_task(
        session,
        TaskKind.CALL_BACK,
        due_at=utcnow() + timedelta(minutes=20),
        opened_by="assistant",
        severity=Severity.URGENT,
        conversation_id=home.conversation.id,
    )
    session.commit()
    return home, f"/desk/tasks/{task.id}", task.id


def test_a_call_back_is_owned_tried_and_done(practice, call_back, session):
    """Each try is one tap; the next is due in half an hour; it ends with words."""
    _, path, task_id = call_back
    priya = practice("Priya")
    page = priya.open("/desk/tasks")
    assert "Call back" in page.text
    assert "Safe to call: not asked." in page.text
    priya.press(f"{path}/own")
    page = priya.press(f"{path}/attempt", result="no_answer")
    assert "Priya (practice worker): no answer" in page.text
    session.expire_all()
    assert session.get(Task, task_id).due_at > utcnow() + timedelta(minutes=25)
    assert "Say in a few words" in priya.press(f"{path}/end", status=422, outcome=" ").text
    priya.press(f"{path}/end", outcome="Spoke to her; all is well.", how="done")

    assert "Spoke to her" in priya.open("/desk/tasks?show=done").text
    assert len(session.scalars(select(TaskAttempt)).all()) == 1
    assert priya.post(f"{path}/end", outcome="again").status_code == 409


def test_what_the_family_said_about_calling_is_shown_before_dialling(practice, call_back):
    """Written down once, shown on the task."""
    home, _, _ = call_back
    priya = practice("Priya")
    priya.press(f"{home.page}/safe", call="no", text_ok="yes", number="07700 900456")

    assert "Safe to call: NO. Text: yes." in priya.open("/desk/tasks").text
    assert "07700" not in priya.open(home.page).html
    assert "+447700900456" in practice("Rhian").open(home.page).html


def test_a_task_can_be_put_back(practice, call_back):
    """Somebody else can take it."""
    _, path, _ = call_back
    priya = practice("Priya")
    priya.press(f"{path}/own")
    assert "Yours" in priya.open("/desk/tasks?show=mine").text
    priya.press(f"{path}/back")

    assert "Nobody has it" in practice("Tom").open("/desk/tasks").text


def test_after_a_hard_conversation_the_worker_is_asked(practice, family, session):
    """A pointer to the lead, and only that it was asked is kept."""
    priya, home = practice("Priya"), family()
    priya.press(home.at("take"))
    page = priya.press(home.at("close"), reason="Passed on.")
    assert page.heading == "How are you?"
    assert "Rhian (practice duty lead)" in page.text
    page = priya.press(home.at("care"))

    assert "A lead is asked" in page.text
    task = session.scalar(select(Task).where(Task.kind == TaskKind.CHECK_IN))
    assert task.outcome is None
    assert task.conversation_id is None
    page = practice("Rhian").open("/desk/tasks")
    assert "Priya (practice worker) asked for a talk" in page.text


def test_the_digest_shows_the_night(practice, family, travel):
    """What came in after closing time, what is promised, and what the assistant did."""
    now = utcnow()
    ahead = (20 - now.hour) % 24 + 3  # past closing time, before the next opening
    travel(hours=ahead)
    family()
    page = practice("Priya").open("/desk/digest")

    assert page.heading == "While nobody was here"
    assert "my brother said goodbye" in page.text
    assert "Promises due within a day" in page.text


def test_numbers_count_and_hide_what_is_small(practice, family, session):
    """Four families are "fewer than 5", five are five; a total never gives four away."""
    for _ in range(4):
        family()
    lead = practice("Rhian")
    few = lead.open("/desk/numbers")
    for _ in range(1):
        family()
    many = lead.open("/desk/numbers")

    def cells(page, title):
        tables = [t for t in page.all(".//table") if "".join(t.find("caption").itertext()) == title]
        return [" ".join("".join(row.itertext()).split()) for row in tables[0].iter("tr")]

    assert "Concern fewer than 5" in cells(few, "Families who needed a person")
    assert not [row for row in cells(few, "Families who needed a person") if "Total" in row]
    assert "Concern 5" in cells(many, "Families who needed a person")
    assert "Total 5" in cells(many, "Families who needed a person")


def test_numbers_export_what_the_page_says(practice, family):
    """The same rows, nothing small."""
    family()
    lead = practice("Rhian")
    rows = list(csv.reader(io.StringIO(lead.get("/desk/numbers.csv").text)))

    assert rows[0] == ["question", "row", "value"]
    assert ["Conversations by channel", "web", "fewer than 5"] in rows
    assert not [row for row in rows[1:] if row[2] in {"1", "2", "3", "4"}]


def test_time_to_a_human_is_given_for_five_and_more(practice, family, session):
    """Median and slowest tenth, in minutes."""
    priya = practice("Priya")
    for _ in range(5):
        home = family()
        priya.press(home.at("take"))
    waits = figures.gather(
        session, figures.quarter(figures.quarter_of(london_date(utcnow()))), practice=True
    ).waits

    assert waits[0].median is not None
    assert waits[0].median < 5
    assert waits[1].median is None


@pytest.mark.parametrize("quarter", ["2026-Q5", "26-Q1", "x", "2026Q1"])
def test_a_quarter_that_is_none_is_a_404(practice, quarter):
    """And nothing is counted."""
    assert practice("Rhian").get(f"/desk/numbers?quarter={quarter}").status_code == 404


def test_quarters_follow_each_other_in_london():
    """Across the turn of the year and the change of clocks."""
    last = figures.quarter("2026-Q4")
    assert last.ends == figures.quarter("2027-Q1").starts
    assert figures.quarter("2026-Q2").starts.isoformat() == "2026-03-31T23:00:00+00:00"
    assert (
        figures.last_quarters(london_date(utcnow()), 5)[-1][-2:]
        == (figures.quarter_of(london_date(utcnow()))[-2:])
    )


def test_an_editor_sees_numbers_and_no_family(practice, family):
    """Each role has its limits."""
    home = family()
    editor = practice("editor")

    assert editor.open("/desk/").heading.startswith("Numbers")
    for path in ("/desk/inbox", home.page, "/desk/tasks", "/desk/digest", "/desk/rota"):
        assert editor.get(path).status_code == 403
    assert practice("admin").get(home.page).status_code == 403


def test_what_was_not_answered_is_counted_by_its_nearest_topic(family, session):
    """Five questions near one topic, and six near none."""
    home = family()
    for n in range(11):
        session.add(
            Message(
                conversation_id=home.conversation.id,
                n=100 + n,
                sender=Sender.FAMILY,
                channel=Channel.WEB,
                text=None,
                outcome=Outcome.UNANSWERED if n % 2 else Outcome.CLARIFIED,
                topic_id="medication-on-arrival" if n < 5 else None,
            )
        )
    session.commit()
    period = figures.quarter(figures.quarter_of(london_date(utcnow())))
    found = figures.gather(session, period, practice=True)
    (table,) = [t for t in found.tables if t.title.startswith("Asked and not answered")]

    assert [row.count for row in table.rows] == [6, 5]
    assert table.rows[0].label == "nothing near"
    assert table.total == 11
