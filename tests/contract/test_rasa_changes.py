"""What we changed in Rasa itself still refuses what Rasa refused."""

import json
import subprocess
from collections.abc import Callable

import pytest

pytestmark = pytest.mark.rasa


def test_an_answer_of_the_action_server_is_still_checked(
    on_rasas_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """Before and after the change the same answers pass and the same are refused."""
    script = """
import json
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from bot.server.quicker import check_action_schema_once
answers = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "said", "value": ["x"]}], "responses": [{"custom": {}}]},
    {"events": {}, "responses": []},
    {"events": [{"event": "slot"}], "responses": []},
    {"events": [{"event": "no such"}], "responses": []},
    {"events": [], "responses": ["text"]},
    [],
]
def passes(answer):
    try:
        return RemoteAction("action_answer", None)._validate_action_result(answer)
    except ValidationError:
        return False
before = [passes(answer) for answer in answers]
check_action_schema_once()
print(json.dumps([before, [passes(answer) for answer in answers]]))
"""
    done = on_rasas_python("-c", script)

    before, after = json.loads(done.stdout.splitlines()[-1])
    assert before == after
    assert before[:2] == [True, True]
    assert False in before
