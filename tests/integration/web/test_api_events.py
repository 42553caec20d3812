"""Live news: server-sent events for programs and for the page."""

import json
import threading

from helpline import conversations


def _ids(events):
    return [int(event["id"]) for event in events if "id" in event]


def test_every_message_is_one_event_numbered_like_it(api, family):
    """From the beginning, in order, as the same JSON."""
    api.send("hello")
    family.answer()
    events = api.events()
    messages = api.read()["messages"]

    assert _ids(events) == [m["n"] for m in messages]
    assert [json.loads(e["data"]) for e in events if "id" in e] == messages


def test_a_browser_that_comes_back_gets_only_what_it_missed(api):
    """Last-Event-ID wins over the address it first asked for."""
    for text in ("one", "two", "three"):
        api.send(text)

    assert _ids(api.events(after=0, **{"Last-Event-ID": "2"})) == [3, 4]
    assert _ids(api.events(after=3)) == [4]
    assert _ids(api.events(after=0, **{"Last-Event-ID": "nonsense"})) == [1, 2, 3, 4]


def test_the_state_tells_whether_an_answer_is_coming(api):
    """So that a page can show that someone is looking."""
    api.send("hello")
    states = [e for e in api.events() if e.get("event") == "state"]

    assert json.loads(states[-1]["data"]) == {"waiting": True, "closed": False}


def test_words_with_any_line_break_stay_one_event(api):
    """CR, LF and U+2028 inside a text neither end an event nor spoil its JSON."""
    api.send("one\r\ntwo\u2028three\x85four")

    assert len(api.events(after=1)) == 2  # the message and the state
    assert json.loads(api.events(after=1)[0]["data"])["text"].startswith("one\ntwo")


def test_the_page_streams_html_from_the_same_template(api, client, family):
    """One renderer: the event's data is the article the page shows."""
    client.set_cookie("chat", f"{api.id}.{api.token}")
    api.send("<b>hello</b>")
    with client.get("/live?after=1") as response:
        lines = response.text.split("\n")
    html = "\n".join(line[6:] for line in lines if line.startswith("data: "))

    assert "&lt;b&gt;hello&lt;/b&gt;" in html
    assert 'id="m-2"' in family.open().html
    assert 'id="m-2"' in html


def test_a_stream_ends_with_word_that_the_family_has_left(api, client, session):
    """Another tab must not go on showing the chat."""
    client.set_cookie("chat", f"{api.id}.{api.token}")
    conversations.leave(session, conversations.authenticate(session, api.id, api.token))
    session.commit()

    with client.get("/live") as response:
        assert "event: gone" in response.text


def test_when_every_thread_is_taken_a_program_is_told_to_ask_again(api, app, client, monkeypatch):
    """503 in the one shape of errors, and the place is given back when a stream ends."""
    monkeypatch.setitem(app.extensions, "streams", threading.BoundedSemaphore(1))
    address = f"/api/conversations/{api.id}/events"
    with client.get(address, headers=api.headers) as first:
        full = client.get(address, headers=api.headers)
        assert first.status_code == 200

    assert full.status_code == 503
    assert full.get_json()["error"]["code"] == "unavailable"
    for _ in range(2):
        assert api.events()


def test_the_fragment_gives_what_a_stream_would(api, client):
    """A page behind a proxy that holds streams back can still ask."""
    client.set_cookie("chat", f"{api.id}.{api.token}")
    api.send("hello")
    response = client.get("/messages?after=1")

    assert 'id="m-2"' in response.text
    assert 'id="m-1"' not in response.text
    assert response.headers["X-Chat"] == api.id
    assert response.headers["X-Waiting"] == "yes"
