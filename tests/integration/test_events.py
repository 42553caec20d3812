"""Live news: told on commit, never before, and never lost for good."""

import queue
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from helpline.db import make_engine
from helpline.events import Newsroom, announce


@pytest.fixture
def newsroom(database_url: str) -> Newsroom:
    """A newsroom of our own, listening."""
    return Newsroom(database_url)


@pytest.fixture
def own_session(database_url: str):
    """A session that really commits."""
    engine = make_engine(database_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def drain(mailbox: queue.SimpleQueue) -> int:
    """Count what is in a mailbox."""
    seen = 0
    while not mailbox.empty():
        mailbox.get()
        seen += 1
    return seen


def test_news_comes_with_the_commit(newsroom, own_session) -> None:
    """A page is woken when the rows are there to read, not before and not after a rollback."""
    ours, others = uuid4(), uuid4()
    with newsroom.subscribe(ours) as mailbox, newsroom.subscribe(others) as other:
        mailbox.get(timeout=5)  # the wake-up that says: listening now, read once
        drain(mailbox)
        drain(other)

        announce(own_session, ours)
        own_session.rollback()
        with pytest.raises(queue.Empty):
            mailbox.get(timeout=0.3)

        announce(own_session, ours)
        own_session.commit()
        mailbox.get(timeout=5)
        assert other.empty()


def test_a_lost_connection_wakes_everyone(newsroom, own_session) -> None:
    """News may have been missed while it was gone: every page reads again."""
    with newsroom.subscribe(uuid4()) as mailbox:
        mailbox.get(timeout=5)
        drain(mailbox)
        own_session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
            )
        )
        own_session.commit()

        mailbox.get(timeout=10)
