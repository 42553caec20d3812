"""Words such as "ignore that" after a concern: stored, passed on, and nothing is closed by it."""

import pytest
from sqlalchemy import select, text

from helpline import handover, jobs
from helpline.enums import AlertKind, AlertWay, HandoverStatus, Outcome
from helpline.messages import list_messages
from helpline.models import Alert, AuditEntry, Concern, Message
from tests.integration.clockwork.conftest import DANGER, WORRY

TAKEN_BACK = select(Alert).where(Alert.kind == AlertKind.TAKEN_BACK)


@pytest.mark.parametrize("words", ["ignore that, wrong chat", "he's fine now", "forget it"])
def test_it_stays_open_and_the_worker_hears_of_it(
    three, family, runner, line, session, words
) -> None:
    """The concern, its worker, its time and its ladder stand; Ann is told; the family is too."""
    family.say(DANGER)
    runner.until(1)
    before = family.case.promised_at
    stored = family.say(words)
    runner.until(1)

    case = family.case
    assert (case.status, case.promised_at) == (HandoverStatus.REQUESTED, before)
    assert case.ladder_due_at is not None
    assert session.scalars(select(Concern)).all()
    assert {alert.worker.name for alert in session.scalars(TAKEN_BACK)} == {"Ann"}
    assert any("took back" in taken.body for taken in line.taken)
    last = list_messages(session, family.conversation)[-1]
    assert last.details["phrase"] == "concern_taken_back"
    assert "Ann" in last.text
    stored = session.get_one(Message, stored.id, populate_existing=True)
    assert (stored.text, stored.outcome) == (words, Outcome.HANDED_OVER)
    actions = session.scalars(select(AuditEntry.action)).all()
    assert "concern_taken_back" in actions


def test_the_ladder_climbs_on(three, family, runner, line) -> None:
    """Nobody has seen either message: five minutes later Ben is rung all the same."""
    family.say(DANGER)
    runner.until(1)
    family.say("ignore that")
    runner.until(5)

    assert line.taken[-1].to == three.phones["Ben"]
    assert family.case.ladder_step == 2


def test_without_a_concern_it_is_an_ordinary_message(three, family, runner, session) -> None:
    """It goes to the assistant like any other."""
    family.say("never mind")

    assert session.scalars(TAKEN_BACK).all() == []
    waiting = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name")
    assert session.scalar(waiting, {"name": jobs.ANSWER_MESSAGE}) == 1


def test_nobody_is_woken_for_it_who_was_not_woken_for_the_worry(
    team, family, runner, line, clock, session
) -> None:
    """An urgent worry at night waits for the morning, and so does this: on the desk."""
    team.add("Ann", hours=("09:00", "17:00"))
    clock.now = clock.now.replace(hour=2)
    family.say(WORRY)
    family.say("ignore that")
    runner.until(1)

    assert line.taken == []
    assert [alert.way for alert in session.scalars(TAKEN_BACK)] == [AlertWay.DESK]


def test_a_worker_in_the_chat_is_alerted_and_nothing_is_said_over_them(
    three, family, runner, session
) -> None:
    """The assistant is silent while Ann has it."""
    family.say(DANGER)
    case = family.case
    handover.claim(session, case.id, case.worker_id, case.worker_name)
    family.say("he's fine now")

    assert session.scalars(TAKEN_BACK).all()
    phrases = [m.details.get("phrase") for m in list_messages(session, family.conversation)]
    assert "concern_taken_back" not in phrases
