"""The safeguarding record: only added to, and gathered whole."""

import pytest
from sqlalchemy import text

from helpline import conversations, handover, record, retention, safe_contact, workers
from helpline.clock import utcnow
from helpline.conversations import Inbound, record_inbound
from helpline.enums import AttemptResult, RecordKind, Sender
from helpline.errors import NotFound
from helpline.safe_contact import Answers


@pytest.fixture
def case(session, service):
    """A conversation with a concern; its open handover."""
    conversation, _token = conversations.open_web(session, service)
    record_inbound(session, service, conversation, Inbound(text="hes been cutting himself again"))
    return handover.find_open(session, conversation)


def test_all_of_a_case_is_gathered_as_one(session, service, case) -> None:
    """Exact words, what was sent, concerns, attempts, decisions, outcome, trail: one object."""
    author = {"author": f"worker:{case.worker_id}", "worker_id": case.worker_id}
    tried = record.Attempt(
        to="Orderly officer",
        number="prison:switchboard",
        result=AttemptResult.REACHED,
        at=utcnow(),
    )
    record.add(session, case.id, tried, **author)
    decided = record.Decision(text="No action", reason="Checked by the wing, he is with staff")
    record.add(session, case.id, decided, **author)

    whole = record.gather(session, service.book, case.id)

    said = [message.text for message in whole.messages if message.sender is Sender.FAMILY]
    assert said == ["hes been cutting himself again"]
    assert [concern.kind for concern in whole.concerns] == ["suicide_self_harm"]
    kinds = [entry.kind for entry in whole.entries]
    assert kinds[-2:] == [RecordKind.ATTEMPT, RecordKind.DECISION]
    assert whole.entries[-1].fields["reason"].startswith("Checked")
    assert "handover_requested" in {entry.action for entry in whole.trail}


def test_an_entry_can_be_corrected_and_never_changed(session, service, case) -> None:
    """The database refuses; a correction stands beside what it corrects."""
    wrong = record.add(session, case.id, record.Fact(text="He is on B wing"), author="worker:1")
    right = record.Correction(text="He is on D wing", reason="Misheard")
    record.add(session, case.id, right, author="worker:1", corrects_id=wrong.id)

    for statement in ("UPDATE record_entries SET author = 'x'", "DELETE FROM record_entries"):
        with pytest.raises(Exception, match="append-only"), session.begin_nested():
            session.execute(text(statement))
    with pytest.raises(ValueError, match="correction"):
        record.add(session, case.id, right, author="worker:1")
    with pytest.raises(NotFound):
        record.add(session, case.id, right, author="worker:1", corrects_id=wrong.id + 1000)
    assert record.list_entries(session, case.id)[-2].fields == {"text": "He is on B wing"}


def test_words_of_the_record_go_with_those_of_the_conversation(session, service, case) -> None:
    """Retention and a request to erase reach the record and the safe number too."""
    record.add(session, case.id, record.Fact(text="His cell bell was off"), author="worker:1")
    conversation = record.gather(session, service.book, case.id).conversation
    safe_contact.record(
        session, service.book, conversation, Answers(number="+447700900123"), "family"
    )
    retention.erase(session, conversation, utcnow(), actor="worker:1")
    session.expire_all()

    whole = record.gather(session, service.book, case.id)
    assert {str(entry.fields) for entry in whole.entries} == {"{}"}
    assert whole.reachable.number is None
    assert whole.concerns
    with pytest.raises(Exception, match="append-only"), session.begin_nested():
        session.execute(text("UPDATE record_entries SET kind = 'opinion'"))


def test_answers_about_contact_add_up(session, service, case) -> None:
    """One part is asked at a time; what was said before stays, and nothing is guessed."""
    conversation = record.gather(session, service.book, case.id).conversation

    def tell(**given):
        safe_contact.record(session, service.book, conversation, Answers(**given), "family")
        return safe_contact.answers(session, service.book, conversation.id)

    assert safe_contact.answers(session, service.book, conversation.id) == Answers()
    assert tell(may_call=False) == Answers(may_call=False)
    assert tell(may_text=True, number="+447700900123") == Answers(
        may_call=False, may_text=True, number="+447700900123"
    )
    assert tell(may_call=True).may_call is True
    stored = session.scalars(text("SELECT number_encrypted FROM safe_contacts")).all()
    assert not any(sealed and "7700900123" in sealed for sealed in stored)


def test_a_workers_phone_finds_them_and_is_not_in_clear(session, service, case) -> None:
    """A reply from the phone that was alerted is that worker's."""
    worker = workers.get_worker(session, case.worker_id)
    workers.set_phone(session, service.book, worker, "+447700900456", actor="worker:1")

    assert workers.find_by_phone(session, service.book, "+447700900456") is worker
    assert workers.find_by_phone(session, service.book, "+447700900457") is None
    assert workers.phone_of(service.book, worker) == "+447700900456"
    assert "7700900456" not in worker.phone_encrypted + worker.phone_hmac


def test_a_handover_is_closed_by_a_worker_with_a_reason(session, service, case) -> None:
    """Not without words, and not by writing to the table without a worker."""
    with pytest.raises(ValueError, match="reason"):
        handover.close(session, case.id, case.worker_id, " ")
    with pytest.raises(Exception, match="closed_by_a_worker"), session.begin_nested():
        session.execute(text("UPDATE handovers SET status = 'closed'"))

    closed = handover.close(session, case.id, case.worker_id, "He is with a nurse")
    assert (closed.closed_by_id, closed.close_reason) == (case.worker_id, "He is with a nurse")
