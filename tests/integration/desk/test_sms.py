"""A family that writes by text message, and their worker at the desk."""

import uuid

import pytest
from sqlalchemy import select

from helpline import tasks, texts, workers
from helpline.addresses import read_address
from helpline.clock import utcnow
from helpline.enums import TaskKind
from helpline.line_states import Reach, TextStatus
from helpline.models import (
    AuditEntry,
    Call,
    Conversation,
    Dial,
    Handover,
    Message,
    TextDelivery,
    Voicemail,
    Worker,
)

NUMBER = "+447700900123"


@pytest.fixture
def texted(session, service):
    """A family in danger that wrote a text message."""
    inbound = texts.InboundText(
        sender=read_address(NUMBER),
        text="he said goodbye and gave his things away, hes in wandsworth",
        sid="SM0123",
    )
    message = texts.receive(session, service, inbound)
    session.commit()
    return session.get(Conversation, message.conversation_id)


@pytest.fixture
def at(session, texted):
    """Where the desk acts on their handover."""
    held = session.scalar(select(Handover).where(Handover.conversation_id == texted.id))
    return lambda action: f"/desk/h/{held.id}/{action}"


def test_a_reply_goes_out_as_a_text_with_its_fate(practice, texted, at, session):
    """Queued with its words; a cross says that it did not arrive, a tick that it did."""
    priya, page = practice("Priya"), f"/desk/c/{texted.public_id}"
    priya.press(at("take"))
    priya.press(at("reply"), text="I am ringing them now.", client_id=str(uuid.uuid4()))
    message = session.scalar(select(Message).where(Message.text == "I am ringing them now."))
    delivery = session.scalar(select(TextDelivery).where(TextDelivery.message_id == message.id))
    assert delivery.status is TextStatus.QUEUED

    fates = []
    for status in (TextStatus.SENT, TextStatus.FAILED, TextStatus.DELIVERED):
        delivery.status = status
        session.commit()
        fates.append(priya.open(page).texts(f".//article[@id='m-{message.n}']/p")[-1])
    assert fates == ["Text on its way", "✗ The text did not arrive", "✓ Delivered by text"]


@pytest.mark.parametrize(("who", "seen"), [("Priya", False), ("Rhian", True)])
def test_only_a_lead_sees_the_whole_number(practice, texted, at, who, seen):
    """On every page: list, conversation, search, record, export."""
    staff = practice(who)
    pages = [
        staff.open("/desk/inbox?tab=unclaimed").html,
        staff.open(f"/desk/c/{texted.public_id}").html,
        staff.open("/desk/search?q=07700900123").html,
        staff.open(at("record")).html,
        staff.get(at("record.csv")).text,
    ]

    shown = [NUMBER in page.replace(" ", "") for page in pages[:4]]
    assert shown == [seen] * 4
    assert NUMBER not in pages[4]
    assert "R-" + texted.public_id.hex[:8] in pages[2]


def test_earlier_contacts_of_a_phone_are_for_leads(practice, texted, session):
    """A phone is not a person: a worker learns that there were some, and no more."""
    older = Conversation(contact_id=texted.contact_id, channel=texted.channel, practice=True)
    session.add(older)
    session.commit()
    worker = practice("Priya")
    page = worker.open(f"/desk/c/{texted.public_id}")

    assert "A phone may be shared" in page.text
    assert str(older.public_id) not in page.html
    assert worker.get(f"/desk/c/{older.public_id}").status_code == 404
    lead = practice("Rhian")
    assert str(older.public_id) in lead.open(f"/desk/c/{texted.public_id}").html
    assert lead.get(f"/desk/c/{older.public_id}").status_code == 200


def test_a_worker_rings_through_the_helpline(practice, texted, session, service):
    """Their phone is rung for this family; without a phone, or a no to calls, it says why not."""
    priya, page = practice("Priya"), f"/desk/c/{texted.public_id}"
    assert "no phone number" in priya.press(f"{page}/ring", status=409).text
    worker = session.scalar(select(Worker).where(Worker.name.startswith("Priya")))
    workers.set_phone(session, service.book, worker, "+447700900999", "test")
    session.commit()
    assert "Priya (practice worker) was rung, queued" in priya.press(f"{page}/ring").text
    assert session.scalar(select(Dial.worker_id)) == worker.id

    priya.press(f"{page}/safe", call="no")
    assert "no number that is safe to ring" in priya.press(f"{page}/ring", status=409).text
    assert "Ring them" not in priya.open(page).text


def test_a_voicemail_is_heard_and_that_is_in_the_trail(practice, texted, session, service):
    """The sound comes out as it went in, for the helpline's own people."""
    task = tasks.open_task(
        session,
        TaskKind.VOICEMAIL,
        due_at=utcnow(),
        opened_by="assistant",
        conversation_id=texted.id,
    )
    call = Call(conversation_id=texted.id, sid="CA1", reach=Reach.MOBILE)
    session.add(call)
    session.flush()
    session.add(
        Voicemail(
            call_id=call.id,
            task_id=task.id,
            recording_sid="RE1",
            seconds=12,
            sound=service.book.seal_bytes(b"RIFF sound"),
        )
    )
    session.commit()
    priya = practice("Priya")

    assert "Listen (12 seconds)" in priya.open("/desk/tasks").text
    assert priya.get(f"/desk/tasks/{task.id}/voicemail").data == b"RIFF sound"
    assert "voicemail_listened" in session.scalars(select(AuditEntry.action)).all()
    assert practice("editor").get(f"/desk/tasks/{task.id}/voicemail").status_code == 403
