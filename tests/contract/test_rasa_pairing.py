"""rasa-sdk 3.21 and Rasa 3.6.21 over real HTTP: what each must keep doing for the other."""

import os
import signal
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from bot.client import CHANNEL_PATH, RasaAssistant
from helpline.db import driver_url
from helpline.enums import Channel
from helpline.errors import TransientFailure
from helpline.ports import TurnContext
from helpline.settings import Settings

pytestmark = pytest.mark.rasa

WEB = TurnContext(channel=Channel.WEB)
MARK = "xylophone"  # a word no log of ours has a reason to contain


def stored(settings: Settings) -> dict[str, str]:
    """Return what Rasa stores, by conversation."""
    engine = create_engine(driver_url(settings.database_url))
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT sender_id, events FROM rasa.trackers")).all()
    engine.dispose()
    return {row.sender_id: row.events for row in rows}


def test_a_slot_set_in_one_turn_is_there_in_the_next(
    rasa_assistant: RasaAssistant, rasa_server: dict[str, Any]
) -> None:
    """Slots travel from the new SDK into the old Rasa, and survive its tracker."""
    rasa_assistant.answer("slots1", "/helplines", WEB)
    rasa_assistant.answer("slots1", "hello", WEB)

    tracker = httpx.get(
        f"{rasa_server['url']}/conversations/slots1/tracker",
        params={"token": rasa_server["token"]},
        trust_env=False,
    ).json()

    assert tracker["slots"]["said"] == ["greeting"]
    assert tracker["slots"]["expecting"] == "nothing"


def test_replies_arrive_word_for_word(rasa_assistant: RasaAssistant) -> None:
    """Dates, nested choices and umlauts pass through both unchanged."""
    answer, trail = rasa_assistant.answer("wire1", "/helplines", WEB)

    assert answer.kind == "answer"
    assert answer.sources[0].seen.year >= 2026
    assert answer.next[0].payload.startswith("/")
    assert (trail.topic, trail.confidence) == ("helplines", 1.0)


def test_the_door_needs_its_token(rasa_server: dict[str, Any]) -> None:
    """Neither the channel nor the API answers without it."""
    url = rasa_server["url"]
    body = {"sender": "door", "message": "hello", "metadata": {}}

    assert httpx.post(url + CHANNEL_PATH, json=body, trust_env=False).status_code == 401
    assert httpx.get(f"{url}/status", trust_env=False).status_code == 401
    assert httpx.post(f"{url}/webhooks/rest/webhook", json=body, trust_env=False).is_error


@pytest.mark.parametrize(
    "body",
    [
        {"sender": "door", "metadata": {}},
        {"message": "hello"},
        {"sender": "", "message": "hello"},
        {"sender": "door", "message": "hello", "metadata": "web"},
        ["hello"],
    ],
)
def test_what_is_not_a_message_is_refused(
    rasa_server: dict[str, Any], body: dict[str, Any]
) -> None:
    """Where Rasa's own channel would mix conversations or answer with silence, ours says 400."""
    answer = httpx.post(
        rasa_server["url"] + CHANNEL_PATH,
        json=body,
        headers={"Authorization": f"Bearer {rasa_server['token']}"},
        trust_env=False,
    )

    assert answer.status_code == 400


def test_a_broken_action_is_a_failure_and_no_words_are_logged(
    rasa_assistant: RasaAssistant, rasa_server: dict[str, Any], action_server: dict[str, Any]
) -> None:
    """An action that cannot finish loses the turn, says so by id, and keeps the words to itself."""
    broken = TurnContext(channel=Channel.WEB, prison_candidates=("no-such-prison",))

    with pytest.raises(TransientFailure):
        rasa_assistant.answer(
            "broken1", f"how do i make a complaint about the prison nurse {MARK}", broken
        )

    actions_log = action_server["log"].read_text()
    assert "broken1" in actions_log
    assert MARK not in actions_log
    assert MARK not in rasa_server["log"].read_text()
    assert rasa_assistant.answer("broken1", "hello", WEB)  # and the next turn is whole again


def test_a_hanging_action_server_costs_no_more_than_the_limit(
    assistant_settings: Settings, rasa_server: dict[str, Any], action_server: dict[str, Any]
) -> None:
    """Rasa would wait five minutes for an action; the family does not."""
    assert rasa_server
    hasty = RasaAssistant(assistant_settings.model_copy(update={"rasa_timeout_seconds": 0.8}))
    os.kill(action_server["pid"], signal.SIGSTOP)
    began = time.monotonic()
    try:
        with pytest.raises(TransientFailure, match="timed out"):
            hasty.answer("hang1", "hello", WEB)
        assert time.monotonic() - began < 2.0
    finally:
        os.kill(action_server["pid"], signal.SIGCONT)


def test_the_tracker_holds_no_words_and_does_not_grow(
    rasa_assistant: RasaAssistant, assistant_settings: Settings
) -> None:
    """A conversation is one small row: slots and intents, whatever was said, however long."""
    for turn in range(12):
        rasa_assistant.answer("long1", f"{MARK} how does he see a doctor {turn}", WEB)
        if turn == 5:
            early = stored(assistant_settings)["long1"]
    late = stored(assistant_settings)["long1"]

    assert MARK not in late
    assert "doctor" not in late.replace("seeing-doctor-or-nurse", "")
    assert len(late) < len(early) * 1.2
    assert len(late) < 8000


def test_what_is_forgotten_is_gone(
    rasa_assistant: RasaAssistant, assistant_settings: Settings
) -> None:
    """After erasure nothing in Rasa's tables names the conversation."""
    rasa_assistant.answer("gone1", "hello", WEB)
    assert "gone1" in stored(assistant_settings)

    rasa_assistant.forget("gone1")

    assert "gone1" not in stored(assistant_settings)


def test_reading_without_a_conversation(rasa_assistant: RasaAssistant) -> None:
    """`parse` explains a text and leaves no trace."""
    found = rasa_assistant.parse("how does he see a doctor? and what helplines can i ring?")

    assert found["reading"]["topics"] == ["seeing-doctor-or-nurse", "helplines"]
    assert len(found["intent_ranking"]) == 10
