"""Jobs live and die with the rows they are about."""

import asyncio

import procrastinate
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import runner
from helpline import jobs
from helpline.db import make_engine
from helpline.models import AuditEntry


@pytest.fixture
def own_engine(database_url: str):
    """An engine outside the test's savepoint: real commits, cleaned up afterwards."""
    engine = make_engine(database_url)
    yield engine
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))
    engine.dispose()


def _count_jobs(engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM procrastinate_jobs"))


def test_a_rollback_leaves_no_job(own_engine) -> None:
    """A message that was not stored is never answered."""
    with Session(own_engine) as session:
        jobs.enqueue(session, jobs.ANSWER_MESSAGE, lock="conversation:1", message_id=1)
        session.rollback()

    assert _count_jobs(own_engine) == 0


def test_a_commit_always_leaves_one(own_engine) -> None:
    """A stored message is always answered: its job is there the moment it is."""
    with Session(own_engine) as session:
        jobs.enqueue(session, jobs.ANSWER_MESSAGE, lock="conversation:1", message_id=1)
        assert _count_jobs(own_engine) == 0
        session.commit()

    assert _count_jobs(own_engine) == 1


def test_a_dead_periodic_job_does_not_keep_others_dead(own_engine, database_url) -> None:
    """A runner died over a sweep and a step: the step comes back, though a sweep is queued."""
    with own_engine.begin() as connection:
        dead = connection.scalar(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat) "
                "VALUES (now() - interval '1 hour') RETURNING id"
            )
        )
        connection.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status, queueing_lock, "
                "worker_id) VALUES ('default', 'watch', 'doing', 'watch', :dead), "
                "('default', 'watch', 'todo', 'watch', NULL), "
                "('default', 'ladder_step', 'doing', NULL, :dead)"
            ),
            {"dead": dead},
        )
    queue = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database_url))

    async def revive() -> None:
        async with queue.open_async():
            await runner.revive_stalled(queue)

    asyncio.run(revive())
    with own_engine.connect() as connection:
        jobs_left = connection.execute(
            text("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id")
        ).all()
    assert [tuple(row) for row in jobs_left] == [("watch", "todo"), ("ladder_step", "todo")]


def test_the_trail_cannot_be_edited(session) -> None:
    """The database itself refuses to change or delete an audit entry."""
    entry = AuditEntry(actor="a", action="b", subject_type="c", subject_id=1)
    session.add(entry)
    session.flush()

    for statement in ("UPDATE audit_entries SET actor = 'x'", "DELETE FROM audit_entries"):
        with pytest.raises(Exception, match="append-only"), session.begin_nested():
            session.execute(text(statement))

    assert session.scalar(select(func.count()).select_from(AuditEntry)) >= 1
