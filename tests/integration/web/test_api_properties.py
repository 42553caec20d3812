"""Whatever is sent, the API keeps its description and never breaks."""

import uuid

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from helpline.conversations import MAX_TEXT, clean
from web.text import is_empty

ON_ONE_CONNECTION = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# Left out because these tests put a real id and token into what was generated, and because a wrong
# token is 404 here, the same as an unknown conversation (test_api_contract.py holds that).
LEFT_OUT = [ignored_auth, negative_data_rejection, positive_data_acceptance]
OPERATIONS = [
    ("POST", "/api/conversations"),
    ("POST", "/api/conversations/{conversation_id}/messages"),
    ("GET", "/api/conversations/{conversation_id}/messages"),
    ("GET", "/api/conversations/{conversation_id}/events"),
]


@pytest.fixture
def description(app):
    """The description, read through the application itself."""
    return schemathesis.openapi.from_wsgi("/api/openapi.json", app)


def test_every_operation_of_the_description_is_tried_below(description):
    """A new route cannot be left out by mistake."""
    found = {(op.ok().method.upper(), op.ok().path) for op in description.get_all_operations()}

    assert found == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@given(data=st.data())
@ON_ONE_CONNECTION
def test_whatever_the_description_allows_is_accepted(description, api, method, path, data):
    """A documented status, content type and shape; only words with nothing to see are refused."""
    case = data.draw(description[path][method].as_strategy())
    if "conversation_id" in case.path_parameters:
        case.path_parameters["conversation_id"] = api.id
    if isinstance(case.body, dict):
        case.body["client_id"] = str(uuid.uuid4())
    response = case.call_and_validate(headers=api.headers, excluded_checks=LEFT_OUT)

    nothing_to_see = method == "POST" and "messages" in path and is_empty(case.body["text"])
    assert response.status_code == 422 if nothing_to_see else response.status_code < 300


@pytest.mark.parametrize(("method", "path"), OPERATIONS[1:])
@given(data=st.data())
@ON_ONE_CONNECTION
def test_whatever_else_is_sent_gets_an_answer_that_the_description_names(
    description, api, method, path, data
):
    """Wrong bodies, numbers, headers and ids: never a 500, always the one shape of errors."""
    strategy = description[path][method].as_strategy(generation_mode=GenerationMode.NEGATIVE)
    case = data.draw(strategy)
    if data.draw(st.booleans()):
        case.path_parameters["conversation_id"] = api.id
    case.call_and_validate(headers=api.headers, excluded_checks=LEFT_OUT)


@pytest.mark.parametrize(("method", "path"), OPERATIONS[1:])
@given(data=st.data())
@settings(parent=ON_ONE_CONNECTION, max_examples=20)
def test_nothing_is_given_to_a_stranger(description, api, method, path, data):
    """With a made-up token no request about a conversation succeeds."""
    case = data.draw(description[path][method].as_strategy())
    case.path_parameters["conversation_id"] = api.id
    response = case.call(headers={"Authorization": f"Bearer {api.token[::-1]}"})

    assert 400 <= response.status_code < 500


@given(text=st.text(max_size=300))
@ON_ONE_CONNECTION
def test_any_text_is_stored_whole_or_refused_as_empty(api, text):
    """What is read back is what was sent, less the characters that cannot be kept."""
    response = api.send(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))

    if response.status_code == 202:
        stored = api.read(after=response.get_json()["n"] - 1)["messages"][0]["text"]
        assert stored == clean(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    else:
        assert response.status_code == 422
        assert is_empty(text)


@given(text=st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=200))
@ON_ONE_CONNECTION
def test_any_text_comes_back_from_the_form_without_becoming_markup(family, text):
    """The page stays valid HTML whatever a family writes."""
    response = family.client.post("/messages", data={"text": text, "client_id": str(uuid.uuid4())})

    assert response.status_code in {303, 422}
    assert family.open()


@given(size=st.integers(MAX_TEXT - 2, MAX_TEXT + 2))
@settings(parent=ON_ONE_CONNECTION, max_examples=5)
def test_the_longest_text_is_exactly_as_long_as_said(api, size):
    """On either side of the limit."""
    assert api.send("x" * size).status_code == (202 if size <= MAX_TEXT else 413)
