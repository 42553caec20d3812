"""Whole conversations, as families have them, through the core, real Rasa and the real guide.

Each file in conversations/ is a list of conversations. A turn says `family`, and what must come:

    answers: topics answered, in order       asks: topics among those offered back
    says: fixed phrases, in order            next: topics offered after the answer
    holds: words that must be said           not: topics that must not be answered or offered
    person: true if a person is on the way   prison: the prison the helpline now knows
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from app.runner import answer_message
from app.wiring import build_service
from helpline import conversations
from helpline.conversations import Inbound, record_inbound
from helpline.db import disconnect, transaction
from helpline.enums import Sender
from helpline.messages import list_messages
from helpline.models import Conversation, Message
from helpline.service import Service

pytestmark = pytest.mark.rasa

FOLDER = Path(__file__).parent / "conversations"
ALL = [
    pytest.param(conversation, id=f"{path.stem}: {conversation['name']}")
    for path in sorted(FOLDER.glob("*.yml"))
    for conversation in yaml.safe_load(path.read_text(encoding="utf-8"))
]
AT_LEAST = 60
KNOWN = {"family", "answers", "asks", "says", "next", "holds", "not", "person", "prison"}


@pytest.fixture(scope="module")
def service(assistant_settings):
    """The service on the database the real assistant reads."""
    yield build_service(assistant_settings)
    disconnect()


class Came:
    """What came back for one family message."""

    def __init__(self, messages: list[Message], prison: str | None) -> None:
        self.prison = prison
        self.text = "\n".join(message.text or "" for message in messages)
        self.answers = [m.topic_id for m in messages if m.topic_id]
        self.person = any(message.handover_id is not None for message in messages)
        self.says = [m.details["phrase"] for m in messages if m.details.get("phrase")]
        self.asks = [topic for m in messages if _asks(m) for topic in _offered(m)]
        self.next = [topic for m in messages if not _asks(m) for topic in _offered(m)]


def _asks(message: Message) -> bool:
    return message.details.get("kind") == "clarify"


def _offered(message: Message) -> list[str]:
    return [choice["payload"].removeprefix("/") for choice in message.choices]


def test_there_are_enough() -> None:
    """Sixty at least, each with a name of its own and no misspelt expectation."""
    assert len(ALL) >= AT_LEAST
    assert len({param.id for param in ALL}) == len(ALL)
    for param in ALL:
        for turn in param.values[0]["turns"]:
            assert set(turn) <= KNOWN
            assert len(turn) > 1


@pytest.mark.parametrize("conversation", ALL)
def test_conversation(conversation: dict[str, Any], service: Service, rasa_assistant) -> None:
    """Turn by turn, what the family gets is what the file says."""
    with transaction() as session:
        ours, _token = conversations.open_web(session, service)
    for number, turn in enumerate(conversation["turns"], start=1):
        came = _say(turn["family"], ours.id, service, rasa_assistant)
        where = f"turn {number}, {turn['family']!r}: {vars(came)}"
        for exact in ("answers", "says", "person", "prison"):
            if exact in turn:
                assert getattr(came, exact) == turn[exact], where
        for part in ("asks", "next"):
            assert set(turn.get(part, ())) <= set(getattr(came, part)), where
        for words in turn.get("holds", ()):
            assert words in came.text, where
        for topic in turn.get("not", ()):
            assert topic not in {*came.answers, *came.asks}, where


def _say(words: str, conversation_id: int, service: Service, assistant) -> Came:
    with transaction() as session:
        ours = session.get_one(Conversation, conversation_id)
        message = record_inbound(session, service, ours, Inbound(text=words))
    answer_message(service, assistant, message.id)
    with transaction() as session:
        ours = session.get_one(Conversation, conversation_id)
        later = list_messages(session, ours, message.n)
        return Came([m for m in later if m.sender is not Sender.FAMILY], ours.prison)
