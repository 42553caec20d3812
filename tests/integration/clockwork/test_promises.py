"""The time a family was given: it moves before it passes, and a missed one is an alarm."""

import logging
from datetime import timedelta

from sqlalchemy import select

from helpline import handover, ladder, promises, takeover
from helpline.enums import AlertKind, AlertWay, TaskKind
from helpline.messages import list_messages
from helpline.models import Absence, Alert, Task, Worker
from tests.integration.clockwork.conftest import DANGER


def moved(session, family) -> list:
    """The messages that say that the time has moved."""
    said = list_messages(session, family.conversation)
    return [message for message in said if message.details.get("phrase") == "promise_moved"]


def test_the_family_hears_of_a_new_time_before_the_old_one_passes(
    three, family, runner, session
) -> None:
    """Promised for 10:15, nobody came: by 10:12 the family has a new time, in the future."""
    family.say(DANGER)
    first = family.case.promised_at
    runner.until(30)

    told = moved(session, family)[0]
    assert told.created_at < first
    assert family.case.promised_at > runner.clock.now


def test_a_missed_promise_is_a_task_an_alert_and_an_error(
    three, family, runner, line, session, caplog
) -> None:
    """The minute the first time passes; that it was moved does not undo that it was given."""
    family.say(DANGER)
    with caplog.at_level(logging.ERROR):
        runner.until(16)

    task = session.scalar(select(Task).where(Task.kind == TaskKind.MISSED_PROMISE))
    alert = session.scalars(select(Alert).where(Alert.kind == AlertKind.PROMISE_MISSED)).all()
    assert task.created_at - timedelta(seconds=60) <= family.case.requested_at + timedelta(
        minutes=15
    )
    assert task.handover_id == family.case.id
    assert {one.worker.name for one in alert} == {"Lee"}
    assert "a promise was missed" in [entry.message for entry in caplog.records]
    assert any("a promised time has passed" in taken.body for taken in line.taken)


def test_one_alarm_for_each_time_that_passed(three, family, runner, session, helped) -> None:
    """The job and the sweep and the job again: one task for each promised time."""
    family.say(DANGER)
    runner.until(16)
    for _again in range(3):
        promises.check_promise(session, helped, family.case.id)
        promises.sweep(session, helped)
    counted = select(Task).where(Task.kind == TaskKind.MISSED_PROMISE)
    assert len(session.scalars(counted).all()) == 1

    runner.until(15)
    assert len(session.scalars(counted).all()) == 2


def test_with_every_job_lost_the_sweep_raises_the_alarm_and_tells_the_family(
    three, family, runner, session, helped, clock
) -> None:
    """The job runner was dead past the time: the first sweep says so to both sides."""
    family.say(DANGER)
    clock.now += timedelta(minutes=40)

    assert promises.sweep(session, helped) == 1
    assert promises.sweep(session, helped) == 0
    assert len(moved(session, family)) == 1
    assert family.case.promised_at > clock.now


def test_who_has_read_it_keeps_it_when_the_time_moves(
    three, family, runner, session, helped
) -> None:
    """Ben said he has it but has not come yet: the new time is Ben's too."""
    family.say(DANGER)
    runner.until(6)
    ben = session.scalar(select(Worker).where(Worker.name == "Ben"))
    ladder.acknowledge(session, helped, family.case.id, ben.id, AlertWay.TEXT)
    runner.until(10)

    assert moved(session, family)[0].text.count("Ben")
    assert family.case.worker_name == "Ben"


def test_a_kept_promise_raises_nothing(three, family, runner, session) -> None:
    """Ann takes over in time: no task, no new time, no alarm, for hours."""
    family.say(DANGER)
    runner.until(3)
    case = family.case
    handover.claim(session, case.id, case.worker_id, case.worker_name)
    session.commit()
    runner.until(300)

    assert session.scalars(select(Task)).all() == []
    assert moved(session, family) == []


def test_handing_back_gives_a_new_promise_and_a_new_ladder(
    three, family, runner, line, session, helped, clock
) -> None:
    """Ann has to go: the family hears who comes by when, and that person is alerted at once."""
    family.say(DANGER)
    runner.until(1)
    ann = session.scalar(select(Worker).where(Worker.name == "Ann"))
    takeover.take(session, helped, family.case.id, ann)
    session.add(
        Absence(
            worker=ann,
            starts_at=clock.now,
            ends_at=clock.now + timedelta(days=1),
            added_by="worker:1",
        )
    )
    session.flush()
    takeover.release(session, helped, family.case.id, actor="worker:1", now=clock.now)
    runner.until(0.1)

    assert "Ben will be in touch by" in list_messages(session, family.conversation)[-1].text
    assert (line.taken[-1].to, line.taken[-1].way) == (three.phones["Ben"], AlertWay.CALL)
    assert family.case.alarm_at == family.case.promised_at
