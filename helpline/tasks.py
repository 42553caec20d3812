"""Work with an owner and a due time: one command each to open, own, attempt and end it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from helpline import audit
from helpline.clock import utcnow
from helpline.enums import TASK_MOVES, AttemptResult, Severity, TaskKind, TaskStatus, move
from helpline.errors import NotFound
from helpline.models import Task, TaskAttempt

_OPEN = (TaskStatus.OPEN, TaskStatus.OWNED)


def open_task(
    session: Session,
    kind: TaskKind,
    *,
    due_at: datetime,
    opened_by: str,
    key: str | None = None,
    severity: Severity = Severity.NONE,
    conversation_id: int | None = None,
    handover_id: int | None = None,
    **details: Any,  # noqa: ANN401 - ids and enums of many kinds
) -> Task:
    """Open a task due at an aware time. With a `key` the same cause opens it once: the one there.

    `details` must hold ids and enums, never words.
    """
    values = {
        "key": key,
        "kind": kind,
        "status": TaskStatus.OPEN,
        "due_at": due_at,
        "opened_by": opened_by,
        "severity": severity,
        "conversation_id": conversation_id,
        "handover_id": handover_id,
        "created_at": utcnow(),
        "details": details,
    }
    new: Task | None = session.scalar(
        insert(Task).values(values).on_conflict_do_nothing(index_elements=["key"]).returning(Task)
    )
    if new is None:
        return session.scalars(select(Task).where(Task.key == key)).one()
    audit.record(
        session,
        actor=opened_by,
        action="task_opened",
        subject_type="task",
        subject_id=new.id,
        kind=kind,
        severity=severity,
        handover_id=handover_id,
    )
    return new


def get_task(session: Session, task_id: int) -> Task:
    """Return the task, its row held until the transaction ends; NotFound when there is none."""
    task = session.get(Task, task_id, with_for_update=True)
    if task is None:
        raise NotFound("no such task")
    return task


def own(session: Session, task_id: int, worker_id: int) -> Task:
    """Give the task to a worker; a task somebody owns moves to them."""
    task = get_task(session, task_id)
    task.status = move(TASK_MOVES, task.status, TaskStatus.OWNED)
    task.owner_id = worker_id
    _note(session, task, worker_id, "task_owned")
    return task


def give_back(session: Session, task_id: int, worker_id: int) -> Task:
    """Put the task back on the list for anyone."""
    task = get_task(session, task_id)
    task.status = move(TASK_MOVES, task.status, TaskStatus.OPEN)
    task.owner_id = None
    _note(session, task, worker_id, "task_given_back")
    return task


def attempt(
    session: Session,
    task_id: int,
    worker_id: int | None,
    result: AttemptResult,
    *,
    next_due_at: datetime | None = None,
) -> TaskAttempt:
    """Write down one try (worker None: the service's own) and, if said, when the next is due."""
    task = get_task(session, task_id)
    tried = TaskAttempt(task_id=task.id, worker_id=worker_id, result=result)
    session.add(tried)
    if next_due_at is not None:
        task.due_at = next_due_at
    session.flush()
    session.expire(task, ["attempts"])
    _note(session, task, worker_id, "task_attempted", result=result)
    return tried


def complete(session: Session, task_id: int, worker_id: int, outcome: str) -> Task:
    """End the task as done, with a worker's words on how. ValueError when there are none."""
    return _end(session, task_id, worker_id, outcome, TaskStatus.DONE)


def give_up(session: Session, task_id: int, worker_id: int, outcome: str) -> Task:
    """End the task undone, with a worker's reason. ValueError when there is none."""
    return _end(session, task_id, worker_id, outcome, TaskStatus.GIVEN_UP)


def list_open(session: Session, *, owner_id: int | None = None) -> Sequence[Task]:
    """Return what is still to do, most severe and soonest due first; of one owner if given."""
    query = select(Task).where(Task.status.in_(_OPEN))
    if owner_id is not None:
        query = query.where(Task.owner_id == owner_id)
    found = session.scalars(query.order_by(Task.due_at, Task.id)).all()
    return sorted(found, key=lambda task: -task.severity.rank)


def _end(session: Session, task_id: int, worker_id: int, outcome: str, status: TaskStatus) -> Task:
    if not outcome.strip():
        raise ValueError("a task ends with words that say how")
    task = get_task(session, task_id)
    task.status = move(TASK_MOVES, task.status, status)
    task.completed_at = utcnow()
    task.outcome = outcome.strip()
    _note(session, task, worker_id, f"task_{status.value}")
    return task


def _note(
    session: Session,
    task: Task,
    worker_id: int | None,
    action: str,
    **details: Any,  # noqa: ANN401 - ids and enums
) -> None:
    session.flush()
    audit.record(
        session,
        actor="clock" if worker_id is None else f"worker:{worker_id}",
        action=action,
        subject_type="task",
        subject_id=task.id,
        **details,
    )
