"""Every way Rasa can fail is one failure to the core, within the time limit."""

import json
import time
from collections.abc import Callable

import pytest

from bot.client import RasaAssistant
from helpline.enums import Channel
from helpline.errors import TransientFailure
from helpline.ports import TurnContext
from helpline.settings import Settings
from tests.contract.conftest import PHRASE, TRAIL, StandIn

LIMIT = 0.6
CONTEXT = TurnContext(channel=Channel.SMS, prison="wandsworth", handover="requested")


@pytest.fixture
def assistant(make_settings: Callable[..., Settings], stand_in: StandIn) -> RasaAssistant:
    """The real client, in front of the made-up Rasa."""
    return RasaAssistant(make_settings(rasa_url=stand_in.url, rasa_timeout_seconds=LIMIT))


def test_a_whole_turn_is_read(assistant: RasaAssistant, stand_in: StandIn) -> None:
    """So that the failures below are due to what each of them changes."""
    assert [reply.kind for reply in assistant.answer("k1", "hello", CONTEXT)] == ["phrase", "trail"]
    (asked,) = stand_in.asked
    assert asked["headers"]["Authorization"] == "Bearer for-tests-only"
    assert asked["body"] == {
        "sender": "k1",
        "message": "hello",
        "metadata": {
            "channel": "sms",
            "prison": "wandsworth",
            "prison_candidates": [],
            "handover": "requested",
            "earlier": "",
        },
    }


@pytest.mark.parametrize(
    "customs",
    [
        [],
        [PHRASE],
        [TRAIL, PHRASE],
        [TRAIL, TRAIL],
        [{"kind": "joke"}, TRAIL],
        [{**PHRASE, "colour": "red"}, TRAIL],
        [{"kind": "phrase", "phrase": "welcome"}, TRAIL],
        ["text", TRAIL],
    ],
    ids=[
        "silence",
        "no trail",
        "trail first",
        "two trails",
        "unknown kind",
        "unknown key",
        "missing key",
        "not an object",
    ],
)
def test_what_is_not_a_whole_turn_is_a_failure(
    assistant: RasaAssistant, stand_in: StandIn, customs: list[object]
) -> None:
    """Neither side of the wire can drift alone."""
    stand_in.says(*customs)

    with pytest.raises(TransientFailure):
        assistant.answer("k2", "hello", CONTEXT)


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"{}", b"[{}]", b'[{"text": "hi"}]'])
def test_what_is_not_rasas_json_is_a_failure(
    assistant: RasaAssistant, stand_in: StandIn, body: bytes
) -> None:
    """Whatever else listens on that port cannot break a turn in another way."""
    stand_in.body = body

    with pytest.raises(TransientFailure):
        assistant.answer("k3", "hello", CONTEXT)


@pytest.mark.parametrize("status", [401, 404, 409, 500, 503])
def test_an_error_status_is_a_failure(
    assistant: RasaAssistant, stand_in: StandIn, status: int
) -> None:
    """A wrong token or a server without a model is no answer."""
    stand_in.status = status

    with pytest.raises(TransientFailure, match=str(status)):
        assistant.answer("k4", "hello", CONTEXT)


@pytest.mark.parametrize(("wait", "drip"), [(LIMIT * 3, 0.0), (0.0, LIMIT / 4)])
def test_the_time_limit_holds_for_the_whole_call(
    assistant: RasaAssistant, stand_in: StandIn, wait: float, drip: float
) -> None:
    """Slow to begin or slow to end: a family waits no longer than the limit."""
    stand_in.wait, stand_in.drip = wait, drip
    began = time.monotonic()

    with pytest.raises(TransientFailure, match="timed out"):
        assistant.answer("k5", "hello", CONTEXT)

    assert time.monotonic() - began < LIMIT * 2


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("/helplines", "/helplines"),
        ("/restart", "restart"),
        ("/back", "back"),
        ('/helplines{"a": 1}', 'helplines{"a": 1}'),
        ("/ want a person", "want a person"),
        ("//helplines", "helplines"),
        ("and/or", "and/or"),
    ],
)
def test_only_a_resolved_choice_reaches_rasa_as_a_command(
    assistant: RasaAssistant, stand_in: StandIn, text: str, sent: str
) -> None:
    """No words of a family can set an intent, an entity, or wipe the conversation."""
    assistant.answer("k6", text, CONTEXT)

    assert stand_in.asked[0]["body"]["message"] == sent


def test_a_failure_quotes_nobody(assistant: RasaAssistant, stand_in: StandIn) -> None:
    """The text of a failure may be logged, so it carries no words."""
    stand_in.body = json.dumps([{"custom": {"kind": "phrase", "text": "our Danny"}}]).encode()

    with pytest.raises(TransientFailure) as caught:
        assistant.answer("k7", "our Danny", CONTEXT)

    assert "Danny" not in str(caught.value)
    assert caught.value.__cause__ is None
