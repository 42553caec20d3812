"""One person after another, until a human says they have it."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpline import alerts, handover, jobs, ladder, record
from helpline.enums import AlertKind, AlertStatus, AlertWay, Rung, Sender
from helpline.errors import Conflict
from helpline.messages import add_message, list_messages
from helpline.models import Alert, Worker
from tests.integration.clockwork.conftest import DANGER, FALLBACK, WORRY


def reached(line) -> list[tuple[str, str]]:
    """Who was reached so far, and how."""
    return [(taken.to, taken.way.value) for taken in line.taken]


def by_step(line) -> list[tuple[str, str]]:
    """The same without what is no step of the ladder: alarms about missed promises."""
    return [(taken.to, taken.way.value) for taken in line.taken if ":step:" in taken.key]


def phrases(session, family) -> list[str]:
    """What fixed sentences the family was sent."""
    said = list_messages(session, family.conversation)
    return [message.details.get("phrase") for message in said if message.details.get("phrase")]


def test_the_whole_ladder_when_nobody_answers(three, family, runner, line) -> None:
    """Ann at once, Ben at 5, Lee at 10, the fallback at 20, then Lee and the fallback again."""
    family.say(DANGER)
    runner.until(0)
    ann = (three.phones["Ann"], "text")
    ben = (three.phones["Ben"], "call")  # Ben wants to be rung
    lee, fallback = (three.phones["Lee"], "text"), (FALLBACK, "call")
    assert reached(line) == [ann]

    runner.until(4.9)
    assert reached(line) == [ann]
    runner.until(0.2)
    assert reached(line) == [ann, ben]
    runner.until(5)
    assert reached(line) == [ann, ben, lee]
    runner.until(10)
    assert by_step(line)[3:] == [lee, fallback], "and the missed promise, which is no step"
    runner.until(10)
    assert by_step(line)[5:] == [lee, fallback]
    runner.until(10)
    assert by_step(line)[7:] == [lee, fallback]
    assert family.case.ladder_due_at is not None


def test_the_desk_knows_at_once_and_each_step_is_on_the_record(
    three, family, runner, session, helped
) -> None:
    """An alert for the desk is there with the first step; the record lists every one."""
    family.say(DANGER)
    runner.until(6)

    whole = record.gather(session, helped.book, family.case.id)
    assert [(alert.rung, alert.way, alert.status) for alert in whole.alerts] == [
        (Rung.FIRST, AlertWay.DESK, AlertStatus.SENT),
        (Rung.FIRST, AlertWay.TEXT, AlertStatus.SENT),
        (Rung.SECOND, AlertWay.DESK, AlertStatus.SENT),
        (Rung.SECOND, AlertWay.CALL, AlertStatus.SENT),
    ]
    assert {alert.provider_sid for alert in whole.alerts if alert.way is not AlertWay.DESK}
    assert [entry.action for entry in whole.trail].count("ladder_step_taken") == 2


def test_an_alert_says_how_serious_and_where_and_nothing_a_family_said(
    three, family, runner, line
) -> None:
    """A phone may lie on a kitchen table: no name, no word of the message."""
    family.say(DANGER)
    runner.until(0)

    body = line.taken[0].body
    assert "life may be in danger" in body
    assert "Wandsworth" in body
    assert f"YES {family.case.id}" in body
    assert "rope" not in body


@pytest.mark.parametrize("way", list(AlertWay))
def test_an_acknowledgement_stops_it_and_the_family_is_told_by_whom(
    three, family, runner, line, session, helped, way
) -> None:
    """Ben says he has it: nobody else is alerted, and the family hears Ben's name and the time."""
    family.say(DANGER)
    runner.until(6)
    ben = session.scalar(select(Worker).where(Worker.name == "Ben"))
    ladder.acknowledge(session, helped, family.case.id, ben.id, way)
    before = reached(line)
    runner.until(5)

    case = family.case
    assert reached(line) == before
    assert (case.acknowledged_by_id, case.acknowledged_way) == (ben.id, way)
    assert case.worker_name == "Ben"
    last = list_messages(session, family.conversation)[-1]
    assert last.text.startswith("Ben from our team has read")
    states = {alert.status for alert in session.scalars(select(Alert)) if alert.worker_id == ben.id}
    assert states == {AlertStatus.ACKNOWLEDGED}


def test_saying_it_twice_changes_nothing_and_the_first_keeps_it(
    three, family, runner, session, helped
) -> None:
    """A text reply and a key press for the same case: the family is told once."""
    family.say(DANGER)
    runner.until(6)
    ann, ben = session.scalars(select(Worker).where(Worker.name.in_(("Ann", "Ben")))).all()
    ladder.acknowledge(session, helped, family.case.id, ann.id, AlertWay.TEXT)
    ladder.acknowledge(session, helped, family.case.id, ann.id, AlertWay.CALL)
    ladder.acknowledge(session, helped, family.case.id, ben.id, AlertWay.TEXT)

    assert phrases(session, family).count("worker_has_read") == 1
    assert family.case.acknowledged_by_id == ann.id


def test_the_fallback_number_may_answer(three, family, runner, session, helped) -> None:
    """Whoever that is has no name to give: the family hears that a person has seen it."""
    family.say(DANGER)
    runner.until(21)
    ladder.acknowledge(session, helped, family.case.id, None, AlertWay.CALL)

    assert phrases(session, family)[-1] == "person_has_read"
    assert family.case.ladder_due_at is None


def test_a_closed_case_cannot_be_acknowledged(three, family, runner, session, helped) -> None:
    """It would tell a family that somebody just read what was dealt with long ago."""
    family.say(DANGER)
    case = family.case
    handover.claim(session, case.id, case.worker_id, case.worker_name)
    handover.close(session, case.id, case.worker_id, "He is with staff")

    with pytest.raises(Conflict):
        ladder.acknowledge(session, helped, case.id, case.worker_id, AlertWay.DESK)


def test_a_claim_is_an_acknowledgement(three, family, runner, line, session) -> None:
    """Taking over on the desk stops the ladder; an alert still in the queue is not sent."""
    family.say(DANGER)
    case = family.case
    handover.claim(session, case.id, case.worker_id, case.worker_name)
    session.commit()
    runner.until(60)

    assert reached(line) == []
    assert family.case.acknowledged_at is not None


@pytest.mark.parametrize(
    ("reply", "found"),
    [("YES {id}", True), ("yes", True), ("ok got it", True), ("Yes 99999", False)],
)
def test_a_text_back_is_matched_to_its_case(
    three, family, runner, session, helped, reply, found
) -> None:
    """By its number, or without one when there is only one it can mean."""
    family.say(DANGER)
    runner.until(0)
    ann = session.scalar(select(Worker).where(Worker.name == "Ann"))
    answered = ladder.acknowledge_by_reply(session, helped, ann, reply.format(id=family.case.id))

    assert (answered is not None) is found
    assert (family.case.acknowledged_at is not None) is found


def test_a_dead_phone_is_tried_the_other_way_then_the_next_person_at_once(
    three, family, runner, line
) -> None:
    """Ann's phone takes neither text nor call: Ben is rung now, not in five minutes."""
    line.dead.add(three.phones["Ann"])
    family.say(DANGER)
    runner.until(0.1)

    assert reached(line) == [(three.phones["Ben"], "call")]
    assert family.case.ladder_step == 2


def test_an_unanswered_call_becomes_a_text(three, family, runner, line, session, helped) -> None:
    """A receipt or the end of a call may say it failed; a repeat of that changes nothing."""
    family.say(DANGER)
    runner.until(6)
    rung = session.scalar(
        select(Alert).where(Alert.way == AlertWay.CALL, Alert.status == AlertStatus.SENT)
    )
    for _repeat in range(2):
        ladder.note_failure(session, helped, rung.id, "no-answer")
        runner.until(0.1)

    assert reached(line)[-1] == (three.phones["Ben"], "text")
    assert len(line.taken) == 3
    session.refresh(rung)
    assert rung.error == "no-answer"


def test_a_carrier_that_fails_for_now_is_given_up_in_time(
    three, family, runner, line, session, helped
) -> None:
    """After four tries the alert has failed, and the next person is asked."""
    line.slow.add(three.phones["Ann"])
    family.say(DANGER)
    session.commit()
    with pytest.raises(Exception, match="for now"):
        runner.until(0)
    first = session.scalar(select(Alert).where(Alert.way == AlertWay.TEXT))
    for _retry in range(2):
        with pytest.raises(Exception, match="for now"):
            runner.run(jobs.SEND_ALERT, {"alert_id": first.id})
    runner.run(jobs.SEND_ALERT, {"alert_id": first.id})

    session.refresh(first)
    assert (first.status, first.error) == (AlertStatus.FAILED, "carrier_down")


def test_a_process_that_died_while_sending_asks_the_carrier_first(
    three, family, runner, line, session, helped
) -> None:
    """The text went out and nobody wrote it down: the second try finds it, and sends nothing."""
    family.say(DANGER)
    first = family.case.id
    ladder.take_step(session, helped, first, 1)
    alert = session.scalar(select(Alert).where(Alert.way == AlertWay.TEXT))
    going = alerts.prepare_send(session, helped, alert.id)
    line.send_text(going.to, going.body, going.key)
    session.commit()  # and here the process dies

    runner.run(jobs.SEND_ALERT, {"alert_id": alert.id})
    session.refresh(alert)
    assert alert.status is AlertStatus.SENT
    assert len(line.taken) == 1


def test_steps_happen_once_and_a_lost_job_is_made_good(
    three, family, runner, line, session, helped, clock
) -> None:
    """The same job twice is one step; with no job at all the sweep takes it."""
    family.say(DANGER)
    case = family.case
    assert ladder.take_step(session, helped, case.id, 1)
    assert not ladder.take_step(session, helped, case.id, 1)
    assert not ladder.take_step(session, helped, case.id, 2), "it is not due yet"
    clock.now += timedelta(minutes=5, seconds=30)

    assert ladder.sweep(session, helped) == 1
    assert ladder.sweep(session, helped) == 0
    assert family.case.ladder_step == 2
    assert ladder.requeue_unsent(session) == 1, "the first text was never sent"


def test_nobody_at_all_is_an_error_in_the_log(team, family, runner, line, session, helped, caplog):
    """An empty rota and no fallback number: it is tried again and again, and never silent."""
    bare = helped.settings.model_copy(update={"fallback_number": ""})
    runner.service = type(helped)(bare, helped.guide, helped.book)
    with caplog.at_level(logging.ERROR):
        family.say(DANGER)
        runner.until(31)

    said = [entry.message for entry in caplog.records]
    assert said.count("a person is needed and nobody can be alerted") == 5


def test_an_urgent_worry_at_night_waits_for_the_shift(team, family, runner, line, clock) -> None:
    """Nobody is woken for what can wait until nine; the alert goes out when Ann is there."""
    team.add("Ann", hours=("09:00", "17:00"))
    clock.now = clock.now.replace(hour=2)
    family.say(WORRY)
    runner.until(6 * 60 + 59)
    assert reached(line) == []

    runner.until(2)
    assert reached(line) == [(team.phones["Ann"], "text")]


def test_danger_in_the_same_night_does_not_wait(team, family, runner, line, clock) -> None:
    """It becomes a matter of life: the duty lead at once, then the fallback number."""
    team.add("Ann", hours=("09:00", "17:00"))
    team.add("Lee", days=(), duty_lead=True)
    clock.now = clock.now.replace(hour=2)
    family.say(WORRY)
    runner.until(30)
    family.say(DANGER)
    runner.until(0)
    assert reached(line) == [(team.phones["Lee"], "text")]

    runner.until(5)
    assert reached(line)[1] == (FALLBACK, "call")


def test_a_new_worry_in_a_claimed_chat_alerts_who_has_it_unless_they_answer(
    three, family, runner, line, session
) -> None:
    """Ann has the chat. If she has not written two minutes after new danger, the ladder begins."""
    family.say(WORRY)
    case = family.case
    handover.claim(session, case.id, case.worker_id, case.worker_name)
    family.say(DANGER)
    runner.until(1.9)
    assert reached(line) == []
    runner.until(0.2)
    assert reached(line) == [(three.phones["Ann"], "text")]
    assert session.scalar(select(Alert.kind).limit(1)) is AlertKind.MORE_SAID

    add_message(session, family.conversation, Sender.WORKER, "I am here, tell me more")
    session.commit()
    runner.until(30)
    assert len(line.taken) == 1
    assert family.case.acknowledged_at is not None


def test_someone_who_only_asks_for_a_person_is_no_alarm(
    three, family, runner, line, session, helped, clock
) -> None:
    """One alert to whoever is on; the promise watches over the rest."""
    handover.request(
        session,
        helped,
        family.conversation,
        reason=handover.HandoverReason.ASKED_FOR_PERSON,
        severity=handover.Severity.NONE,
        now=clock.now,
    )
    runner.until(60)

    assert len(line.taken) == 1
    assert family.case.ladder_due_at is None
