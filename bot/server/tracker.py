"""Keeps where each conversation stands, for Rasa, in PostgreSQL: one small row each, and no words.

Rasa's own SQL store keeps every word for ever and gets slower with each turn (docs/adr/0012). The
dialogue needs its slots, the last intents and the last actions; what was said belongs to the core.
"""

import json
import time
from collections.abc import Iterable
from typing import Any, Dict, List, Optional, Text

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

SCHEMA = "rasa"
KEEP_TURNS = 3
_LISTEN = "action_listen"


class RecentTurnsStore(TrackerStore):
    """A tracker store whose rows do not grow. `host` is the database's address."""

    def __init__(
        self,
        domain: Optional[Domain] = None,
        host: Optional[Text] = None,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,  # noqa: ANN401 - Rasa's own signature
    ) -> None:
        self._engine = sa.create_engine(host or "", pool_size=2, max_overflow=2, pool_pre_ping=True)
        self._table = sa.Table(
            "trackers",
            sa.MetaData(schema=SCHEMA),
            sa.Column("sender_id", sa.Text, primary_key=True),
            sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("events", sa.Text, nullable=False),
        )
        with self._engine.begin() as connection:
            connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            self._table.create(connection, checkfirst=True)
        super().__init__(domain, event_broker, **kwargs)

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """Return the conversation's slots and last turns, or None when there is no such row."""
        query = sa.select(self._table.c.events).where(self._table.c.sender_id == sender_id)
        with self._engine.connect() as connection:
            events = connection.execute(query).scalar_one_or_none()
        if events is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, json.loads(events), self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Replace the conversation's row with its slots and last turns."""
        await self.stream_events(tracker)
        events = [without_words(event) for event in recent(tracker)]
        row = {"events": json.dumps(events), "updated_at": sa.func.now()}
        insert = sa.dialects.postgresql.insert(self._table).values(
            sender_id=tracker.sender_id, **row
        )
        with self._engine.begin() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["sender_id"], set_=row))

    async def keys(self) -> Iterable[Text]:
        """Return the ids of the conversations that have a row."""
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(self._table.c.sender_id)).scalars())


def recent(tracker: DialogueStateTracker, turns: int = KEEP_TURNS) -> List[Event]:
    """Return the events of the last `turns` family messages, preceded by what they stand on.

    A tracker rebuilt from them has the same slots, and listens where the whole one listens.
    """
    events = [event for event in tracker.applied_events() if not isinstance(event, BotUttered)]
    said = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
    cut = said[-turns] if len(said) > turns else 0
    slots = {event.key: event.value for event in events[:cut] if isinstance(event, SlotSet)}
    before = [SlotSet(name, value) for name, value in sorted(slots.items())]
    listening = [ActionExecuted(_LISTEN)] if cut else []
    return [SessionStarted(timestamp=time.time()), *before, *listening, *events[cut:]]


def without_words(event: Event) -> Dict[Text, Any]:
    """Return the event as it is stored: of a family message only its intent and entities' names."""
    stored = event.as_dict()
    if isinstance(event, UserUttered):
        intent = {"name": event.intent_name, "confidence": event.intent.get("confidence")}
        stored["text"] = None
        stored["parse_data"] = {"intent": intent, "entities": [], "text": None, "metadata": {}}
        stored["metadata"] = {}
    return stored
