"""Live news for open pages: PostgreSQL NOTIFY on commit, one LISTEN connection a process."""

import logging
import queue
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

CHANNEL = "helpline_news"
RECONNECT_SECONDS = 1.0
EVERYTHING = "*"  # the desk's lists change with any conversation

log = logging.getLogger(__name__)


def announce(session: Session, public_id: UUID) -> None:
    """Tell every page showing this conversation that it changed, once this transaction commits."""
    session.execute(
        text("SELECT pg_notify(:channel, :public_id)"),
        {"channel": CHANNEL, "public_id": str(public_id)},
    )


class Newsroom:
    """Listens on one connection and wakes the subscribers of a conversation.

    News carries no content: a subscriber reads the database, so a missed or repeated wake-up costs
    nothing. After a lost connection everyone is woken, because news may have been missed.
    """

    def __init__(self, dsn: str) -> None:
        """`dsn` is a libpq address. The listening thread starts with the first subscriber."""
        self._dsn = dsn
        self._subscribers: dict[str, set[queue.SimpleQueue[None]]] = defaultdict(set)
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def subscribe(self, public_id: UUID | str) -> Iterator[queue.SimpleQueue[None]]:
        """Give a queue that receives an item whenever the conversation may have changed.

        EVERYTHING stands for any conversation.
        """
        mailbox: queue.SimpleQueue[None] = queue.SimpleQueue()
        name = str(public_id)
        with self._guard:
            self._subscribers[name].add(mailbox)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="newsroom", daemon=True)
                self._thread.start()
        try:
            yield mailbox
        finally:
            with self._guard:
                self._subscribers[name].discard(mailbox)
                if not self._subscribers[name]:
                    del self._subscribers[name]

    def _listen(self) -> None:
        pause = threading.Event()
        while True:
            try:
                with psycopg.connect(self._dsn, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._wake_all()
                    for notice in connection.notifies():
                        self._wake(notice.payload)
            except psycopg.Error:
                log.warning("news connection lost")
                pause.wait(RECONNECT_SECONDS)

    def _wake(self, name: str) -> None:
        with self._guard:
            for wanted in (name, EVERYTHING):
                for mailbox in self._subscribers.get(wanted, ()):
                    mailbox.put(None)

    def _wake_all(self) -> None:
        with self._guard:
            for mailboxes in self._subscribers.values():
                for mailbox in mailboxes:
                    mailbox.put(None)
