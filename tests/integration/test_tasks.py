"""Work with an owner and a due time."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpline import tasks
from helpline.clock import utcnow
from helpline.enums import AttemptResult, Severity, TaskKind, TaskStatus
from helpline.errors import Conflict
from helpline.models import AuditEntry, Worker

NOW = utcnow()


@pytest.fixture
def worker(session, service) -> Worker:
    """Somebody who can own a task."""
    return session.scalars(select(Worker).limit(1)).one()


def opened(session, **more):
    """A voicemail to ring back about."""
    return tasks.open_task(
        session, TaskKind.VOICEMAIL, due_at=NOW + timedelta(hours=1), opened_by="assistant", **more
    )


def test_the_same_cause_opens_one_task(session, worker) -> None:
    """A webhook that comes twice, or a job that runs twice, makes one task."""
    first = opened(session, key="call:1")
    again = opened(session, key="call:1")

    assert again.id == first.id
    assert first.status is TaskStatus.OPEN
    assert opened(session).id != first.id


def test_a_task_is_owned_tried_and_done(session, worker) -> None:
    """Every step is written down with who took it."""
    task = opened(session)
    tasks.own(session, task.id, worker.id)
    later = NOW + timedelta(hours=3)
    tasks.attempt(session, task.id, worker.id, AttemptResult.NO_ANSWER, next_due_at=later)
    tasks.attempt(session, task.id, worker.id, AttemptResult.REACHED)
    tasks.complete(session, task.id, worker.id, "spoke to her")

    assert (task.status, task.owner_id, task.due_at) == (TaskStatus.DONE, worker.id, later)
    assert [tried.result for tried in task.attempts] == ["no_answer", "reached"]
    trail = session.scalars(
        select(AuditEntry.action).where(
            AuditEntry.subject_type == "task", AuditEntry.subject_id == task.id
        )
    ).all()
    assert trail == ["task_opened", "task_owned", "task_attempted", "task_attempted", "task_done"]


def test_a_task_ends_once_and_with_words(session, worker) -> None:
    """No task disappears without somebody saying why, and an ended one stays ended."""
    task = opened(session)
    with pytest.raises(ValueError, match="words"):
        tasks.give_up(session, task.id, worker.id, "  ")

    tasks.give_up(session, task.id, worker.id, "number not in service, three tries")
    with pytest.raises(Conflict):
        tasks.own(session, task.id, worker.id)


def test_the_most_severe_and_soonest_come_first(session, worker) -> None:
    """The list a worker starts from; what is done is not in it."""
    later = opened(session)
    soon = tasks.open_task(session, TaskKind.CALL_BACK, due_at=NOW, opened_by="assistant")
    grave = opened(session, severity=Severity.IMMEDIATE)
    done = opened(session)
    tasks.complete(session, done.id, worker.id, "done")
    tasks.own(session, soon.id, worker.id)

    ours = {later.id, soon.id, grave.id, done.id}
    listed = [task.id for task in tasks.list_open(session) if task.id in ours]
    assert listed == [grave.id, soon.id, later.id]
    assert [task.id for task in tasks.list_open(session, owner_id=worker.id)] == [soon.id]
