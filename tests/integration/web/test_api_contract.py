"""The JSON API as design section 4 promises it, and every wrong use of it."""

import uuid

import pytest

from helpline import conversations
from helpline.enums import Sender

DANGER = (
    "my brother just said goodbye to me on the phone and gave his stuff away, hes in wandsworth"
)
PROMISED = {
    "n", "from", "text", "topic", "sources", "choices", "concern", "severity", "handover",
}  # fmt: skip


def _error(response, status, code):
    assert response.status_code == status, response.text
    assert set(response.get_json()) == {"error"}
    error = response.get_json()["error"]
    assert error["code"] == code
    assert error["message"].endswith((".", "!"))
    return error


def test_opening_gives_id_token_and_the_first_message(client):
    """201 with everything a program needs to go on."""
    response = client.post("/api/conversations")
    started = response.get_json()

    assert response.status_code == 201
    assert set(started) == {"id", "token", "messages"}
    assert uuid.UUID(started["id"])
    assert len(started["token"]) >= 32
    assert [m["n"] for m in started["messages"]] == [1]
    assert set(started["messages"][0]) >= PROMISED
    assert "automated" in started["messages"][0]["text"]


def test_a_message_is_taken_and_its_answer_read(api, family, answers):
    """202 with its number; then the answer with topic, source and choices."""
    family.assistant.default = answers
    sent = api.send("how does he see the dentist")
    family.answer()
    family, answer = api.read(after=1)["messages"]

    assert (sent.status_code, sent.get_json()) == (202, {"n": 2})
    assert (family["from"], family["text"]) == ("family", "how does he see the dentist")
    assert answer["from"] == "assistant"
    assert answer["topic"] == "medication-on-arrival"
    assert answer["sources"] == [
        {"title": "A guide", "url": "https://example.org/guide", "seen": "2026-11-21"}
    ]
    assert answer["last_checked"] == "2026-11-20"
    assert answer["approved"] is False
    assert [c["label"] for c in answer["choices"]] == ["How do they see a nurse?", "Nobody listens"]


def test_danger_names_a_person_and_a_time_at_once(api):
    """Before any job has run, the reply, the concern and the worker can be read."""
    n = api.send(DANGER).get_json()["n"]
    reply = next(m for m in api.read(after=n)["messages"] if m["from"] == "assistant")

    assert reply["severity"] == "immediate"
    assert reply["concern"] == "suicide_self_harm"
    assert reply["handover"]["worker"] in reply["text"]
    assert reply["handover"]["by"].endswith(("+00:00", "Z"))
    assert reply["handover"]["status"] == "requested"


def test_whether_an_answer_is_coming_can_be_read(api, family):
    """A program knows when to stop waiting."""
    api.send("hello")
    before = api.read()["waiting"]
    family.answer()

    assert (before, api.read()["waiting"]) == (True, False)


def test_a_repeated_client_id_gives_the_same_number(api):
    """A retry is safe: stored once."""
    same = uuid.uuid4()
    numbers = [api.send("hello", client_id=same).get_json()["n"] for _ in range(3)]

    assert numbers == [2, 2, 2]
    assert [m["text"] for m in api.read()["messages"] if m["from"] == "family"] == ["hello"]


def test_a_client_id_with_other_words_is_refused(api):
    """Taking it for a repeat would lose the second text without a word."""
    same = uuid.uuid4()
    api.send("hello", client_id=same)
    error = _error(api.send("hes had a fit", client_id=same), 409, "client_id_reused")

    assert error["field"] == "client_id"


def test_without_a_token_nothing_is_said(api, client):
    """401 for a missing or malformed header, on every route, whatever the id."""
    body = {"text": "hi", "client_id": str(uuid.uuid4())}
    for header in ({}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer "}):
        for address in (api.address, f"/api/conversations/{uuid.uuid4()}/messages"):
            _error(client.get(address, headers=header), 401, "token_missing")
            response = client.post(address, json=body, headers=header)
            _error(response, 401, "token_missing")
            assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_token_and_an_unknown_conversation_look_the_same(api, client):
    """Nobody can find out which conversations exist."""
    wrong = {"Authorization": "Bearer wrong"}
    other = f"/api/conversations/{uuid.uuid4()}/messages"
    answers = [
        client.get(api.address, headers=wrong),
        client.get(other, headers=wrong),
        client.get(other, headers=api.headers),
        client.get("/api/conversations/not-an-id/messages", headers=api.headers),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_after_leaving_the_token_opens_nothing(api, session, client):
    """Quick exit holds for programs too."""
    conversation = conversations.authenticate(session, api.id, api.token)
    conversations.leave(session, conversation)
    session.commit()

    _error(client.get(api.address, headers=api.headers), 404, "not_found")


def test_a_closed_conversation_takes_nothing_and_can_still_be_read(api, family):
    """409 for a message; its messages stay readable."""
    api.send("hello")
    family.answer()
    conversation = conversations.authenticate(family.session, api.id, api.token)
    conversations.close(family.session, conversation, actor="worker")
    family.session.commit()

    _error(api.send("one more"), 409, "closed")
    assert api.read()["status"] == "closed"


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"hello", "text/plain", 415, "not_json"),
        (b"text=hello", "application/x-www-form-urlencoded", 415, "not_json"),
        (b"", "application/json", 400, "bad_request"),
        (b"{", "application/json", 400, "bad_request"),
        (b'{"text": "\xff\xfe"}', "application/json", 400, "bad_request"),
        (b"[" * 100_000, "application/json", 400, "bad_request"),
        (b"null", "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b'"hello"', "application/json", 422, "invalid"),
        (b"{}", "application/json", 422, "invalid"),
        (b'{"text": 5, "client_id": "x"}', "application/json", 422, "invalid"),
        (b'{"text": "\\ud800", "client_id": "x"}', "application/json", 422, "invalid"),
    ],
)
def test_a_body_that_is_not_a_message_is_refused(api, client, body, kind, status, code):
    """Each in the one shape of errors, and nothing stored."""
    response = client.post(api.address, data=body, content_type=kind, headers=api.headers)

    _error(response, status, code)
    assert len(api.read()["messages"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"client_id": str(uuid.uuid4())}, "text"),
        ({"text": "hi"}, "client_id"),
        ({"text": "hi", "client_id": "7"}, "client_id"),
        ({"text": "hi", "client_id": str(uuid.uuid4()), "name": "x"}, "name"),
        ({"text": None, "client_id": str(uuid.uuid4())}, "text"),
    ],
)
def test_the_field_that_is_wrong_is_named(api, client, body, field):
    """A program's author is told where to look; what was sent is not repeated."""
    error = _error(client.post(api.address, json=body, headers=api.headers), 422, "invalid")

    assert error["field"] == field


@pytest.mark.parametrize("text", ["", " \n\t", "\u0000\u0007", "\u200b"])
def test_an_empty_message_is_refused_in_plain_words(api, text):
    """422, with what to do."""
    error = _error(api.send(text), 422, "empty")

    assert error["field"] == "text"


def test_ten_thousand_characters_fit_and_one_more_does_not(api):
    """The limit is where it is said to be; over it comes what to do in danger."""
    assert api.send("x" * 10_000).status_code == 202
    error = _error(api.send("x" * 10_001), 413, "too_long")

    assert "999" in error["message"]


def test_characters_that_cannot_be_kept_are_taken_off(api):
    """NUL and escape codes go, words stay."""
    api.send("  he\x00llo \x1b[31m ")

    assert api.read()["messages"][-1]["text"] == "hello [31m"


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999", "%00"])
def test_a_number_that_is_none_is_refused(api, client, after):
    """`after` is a whole number from 0."""
    response = client.get(f"{api.address}?after={after}", headers=api.headers)

    assert _error(response, 422, "invalid")["field"] == "after"


def test_a_wrong_method_and_an_unknown_address_have_the_same_shape(client):
    """Even where no route is."""
    response = client.delete("/api/conversations")

    _error(response, 405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]
    _error(client.get("/api/nothing"), 404, "not_found")


def test_too_many_messages_say_so_with_help(api, limits_on):
    """429 with what to do in danger, and when to come back."""
    for _ in range(30):
        assert api.send("hello").status_code == 202
    response = api.send("hello")

    assert "999" in _error(response, 429, "too_many")["message"]
    assert int(response.headers["Retry-After"]) > 0


def test_the_description_names_every_route_and_every_error_has_its_shape(client, app):
    """/api/openapi.json is the truth about what is there."""
    spec = client.get("/api/openapi.json").get_json()
    routes = {
        str(rule).replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.openapi"
    }

    assert spec["openapi"].startswith("3.1")
    assert set(spec["paths"]) == routes
    for methods in spec["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorOut"}


def test_the_description_can_be_read_as_a_page(family, client):
    """Every operation is on /api/docs."""
    page = family.open("/api/docs")
    spec = client.get("/api/openapi.json").get_json()
    shown = " ".join(page.texts(".//main"))

    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in shown
            assert operation["summary"] in shown


def test_messages_of_the_page_and_of_the_api_are_the_same_conversation(api, client, family):
    """A program can hand its conversation to the page's cookie and back."""
    client.set_cookie("chat", f"{api.id}.{api.token}")
    family.send("from the page")
    api.send("from the program")

    family = [m["text"] for m in api.read()["messages"] if m["from"] == Sender.FAMILY]
    assert family == ["from the page", "from the program"]
