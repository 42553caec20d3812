"""The safeguarding record beside the conversation: added to, never changed, printed, exported."""

import csv
import io

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from helpline.enums import RecordKind
from helpline.models import AuditEntry, RecordEntry


@pytest.fixture
def taken(practice, family):
    """A family in danger, with Priya."""
    priya, home = practice("Priya"), family()
    priya.press(home.at("take"))
    return priya, home


def entries(home):
    """Return the entries of the family's record."""
    home.session.expire_all()
    return list(home.session.scalars(select(RecordEntry).order_by(RecordEntry.id)))


def test_an_attempt_is_one_tap(taken):
    """Who was rung, on which of the guide's numbers, when, and how it went."""
    priya, home = taken
    page = priya.press(home.at("record"), kind="attempt", whom="switchboard", result="no_answer")
    entry = entries(home)[-1]

    assert entry.kind is RecordKind.ATTEMPT
    assert entry.fields["number"] == "prison:switchboard"
    assert "the prison, duty governor (prison:switchboard): no answer." in page.text
    assert "Priya (practice worker)" in page.text


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "told", "name": "Mr Jones", "role": "orderly officer", "text": "Will go now"},
        {"kind": "who", "said_by": "his sister", "about": "her brother"},
        {"kind": "fact", "text": "He rang at 14:05."},
        {"kind": "hearsay", "text": "His pad mate says he wept."},
        {"kind": "opinion", "text": "She sounds in control."},
        {"kind": "decision", "text": "No further action", "reason": "He is on constant watch."},
        {"kind": "outcome", "text": "Seen by a nurse."},
    ],
    ids=lambda fields: fields["kind"],
)
def test_each_kind_of_entry_can_be_added(taken, fields):
    """With the worker's name on it."""
    priya, home = taken
    page = priya.press(home.at("record"), **fields)
    words = [value for name, value in fields.items() if name != "kind"]

    assert all(word in page.text for word in words)
    assert entries(home)[-1].worker_id == home.handover.worker_id


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "decision", "text": "Nothing", "reason": ""},
        {"kind": "fact", "text": "   "},
        {"kind": "attempt", "whom": "nobody", "result": "reached"},
        {"kind": "attempt", "whom": "switchboard", "result": "perhaps"},
        {"kind": "opened", "text": "x"},
        {},
    ],
)
def test_what_is_incomplete_is_refused(taken, fields):
    """A decision has a reason; nothing half-said is stored."""
    priya, home = taken
    before = len(entries(home))

    assert "Not added" in priya.press(home.at("record"), status=422, **fields).text
    assert len(entries(home)) == before


def test_a_correction_adds_and_never_overwrites(taken):
    """Both stand, the second naming the first."""
    priya, home = taken
    priya.press(home.at("record"), kind="fact", text="He rang at 14:05.")
    wrong = entries(home)[-1]
    page = priya.press(
        home.at("record"),
        kind="correction",
        corrects=wrong.id,
        text="He rang at 14:15.",
        reason="I misread the clock.",
    )

    assert "He rang at 14:05." in page.text
    assert "He rang at 14:15." in page.text
    assert entries(home)[-1].corrects_id == wrong.id


def test_the_database_refuses_to_change_an_entry(taken, session):
    """Append-only, whatever program asks."""
    priya, home = taken
    priya.press(home.at("record"), kind="fact", text="He rang.")
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("UPDATE record_entries SET author = 'nobody'"))


def test_the_page_holds_everything_in_order(taken):
    """Exact words, who noticed, what was sent, attempts, and how it stands."""
    priya, home = taken
    priya.press(home.at("record"), kind="attempt", whom="switchboard", result="reached")
    page = priya.open(home.at("record"))

    assert "my brother said goodbye on the phone" in page.text
    assert "Suicide or self-harm: danger to life now, noticed by rule" in page.text
    assert "got through" in page.text
    times = [moment.get("datetime") for moment in page.all(".//ol[@class='timeline']/li/time")]
    assert times == sorted(times)


def test_the_export_is_a_table_without_formulas(taken):
    """A spreadsheet must not run what a family wrote."""
    priya, home = taken
    home.say("=HYPERLINK(1)")
    home.say("+44 is not a sum\n@here")
    response = priya.get(home.at("record.csv"))
    rows = list(csv.reader(io.StringIO(response.text)))

    assert response.headers["Content-Disposition"].startswith("attachment")
    assert rows[0] == ["time (London)", "what", "who", "words"]
    cells = [cell for row in rows for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]


def test_every_view_and_export_is_in_the_trail(taken):
    """Who looked, and at what."""
    priya, home = taken
    for path in (home.page, home.at("record"), home.at("record.csv")):
        priya.get(path)
    seen = home.session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject_id == home.conversation.id)
    ).all()

    assert {"conversation_viewed", "record_viewed", "record_exported"} <= set(seen)
