"""Leaving at once, and what stays behind: nothing."""

import pytest

from helpline import conversations
from helpline.errors import NotFound


def _key(client):
    cookie = client.get_cookie("chat")
    return cookie.value.split(".", 1)


@pytest.mark.parametrize("kind", ["text/ping", "text/plain;charset=UTF-8"])
def test_leaving_forgets_the_chat_on_the_server(family, kind):
    """The link's ping and the script's beacon: afterwards neither cookie nor token opens it."""
    family.send("hello")
    public_id, token = _key(family.client)
    response = family.client.post("/leave", data=b"PING", content_type=kind)

    assert response.status_code == 204
    assert family.client.get_cookie("chat") is None
    with pytest.raises(NotFound):
        conversations.authenticate(family.session, public_id, token)
    assert len(family.open().said()) == 1


def test_a_beacon_that_never_came_is_made_good_at_the_next_visit(family):
    """The script's mark alone makes the server show nothing of the chat."""
    family.send("hello")
    family.client.set_cookie("left", "1")

    assert "hello" not in family.open().said()
    family.send("someone else")
    assert family.open().said()[1:] == ["someone else"]
    assert family.client.get_cookie("left") is None


def test_clearing_the_chat_by_form_ends_on_the_start_page(family):
    """Without JavaScript the same can be done with a button."""
    family.send("hello")
    response = family.client.post("/leave", data={"then": "start"})

    assert (response.status_code, response.location) == (303, "/")
    assert len(family.open().said()) == 1


def test_leaving_twice_or_without_a_chat_is_no_error(family):
    """Whatever state the browser is in, leaving works."""
    for _ in range(2):
        assert family.client.post("/leave").status_code == 204


def test_no_page_may_be_kept_by_a_cache(family):
    """So that Back after leaving has nothing to show."""
    family.send("hello")
    for path in ("/", "/messages?after=0", "/nowhere", "/api/docs"):
        assert family.client.get(path).headers["Cache-Control"] == "no-store", path


def test_the_way_out_is_first_and_tells_nobody(family):
    """The link works without script, sends no address along, and is on every page."""
    for path, status in (("/", 200), ("/nowhere", 404), ("/api/docs", 200)):
        link = family.open(path, status).all(".//a[@id='leave']")[0]
        assert link.get("href").startswith("https://")
        assert "noreferrer" in link.get("rel")
        assert link.get("ping") == "/leave"
