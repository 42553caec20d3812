"""Live news of the desk: what a stream sends, where it goes on, and when it ends."""

import re
import uuid

import pytest


@pytest.fixture
def taken(practice, family):
    """A family in danger, with Priya."""
    priya, home = practice("Priya"), family()
    priya.press(home.at("take"))
    return priya, home


def events(staff, path, **headers):
    """Return (name, id, data) of the events a stream gives before it ends."""
    with staff.client.get(path, headers=headers) as response:
        assert response.mimetype == "text/event-stream", response.text
        blocks = response.text.split("\n\n")
    found = []
    for block in blocks:
        fields = [line.split(": ", 1) for line in block.split("\n") if ": " in line]
        data = "\n".join(value for name, value in fields if name == "data")
        named = dict(fields)
        if data:
            found.append((named.get("event", "message"), named.get("id", ""), data))
    return found


def test_messages_go_on_from_where_the_browser_was(taken):
    """By the number of the page, or by the id of the last event after a lost line."""
    priya, home = taken
    live = f"{home.page}/live"
    everything = [e for e in events(priya, f"{live}?after=0") if e[0] == "message"]
    numbers = [int(mark) for _, mark, _ in everything]
    assert numbers == list(range(1, len(numbers) + 1))

    home.say("and another thing")
    resumed = events(priya, f"{live}?after=0", **{"Last-Event-ID": str(numbers[-1])})
    fresh = [e for e in resumed if e[0] == "message"]
    assert len(fresh) == 1
    assert "and another thing" in fresh[0][2]


def test_what_is_streamed_is_what_the_page_shows(taken):
    """One renderer for both."""
    priya, home = taken
    priya.press(home.at("reply"), text="a\u2028b <b>c</b>", client_id=str(uuid.uuid4()))
    page = priya.open(home.page).html
    squeeze = re.compile(r"\s+")
    for name, _, data in events(priya, f"{home.page}/live?after=0"):
        if name == "message":
            assert squeeze.sub("", data) in squeeze.sub("", page)


def test_the_state_a_page_was_made_with_is_the_one_it_is_sent(taken):
    """So a page is loaded again only when something has changed."""
    priya, home = taken
    page = priya.open(home.page)
    (log,) = page.all(".//div[@id='log']")
    (state,) = [e[2] for e in events(priya, f"{home.page}/live?after=999") if e[0] == "state"]

    assert log.get("data-state").replace(" ", "") == state.replace(" ", "")


def test_a_list_is_sent_whole_and_only_when_it_differs(practice, family):
    """The id is a mark of its content."""
    family()
    priya = practice("Priya")
    ((name, mark, html),) = events(priya, "/desk/inbox/live?tab=unclaimed")
    assert name == "list"
    assert "my brother said goodbye" in html
    known = {"Last-Event-ID": mark}

    assert events(priya, "/desk/inbox/live?tab=unclaimed", **known) == []
    family("he said he will kill himself tonight")
    ((_, changed, _),) = events(priya, "/desk/inbox/live?tab=unclaimed", **known)
    assert changed != mark


def test_a_stream_of_somebody_elses_family_is_not_given(practice, taken):
    """A closed conversation one did not help in: as if it were not there."""
    priya, home = taken
    priya.press(home.at("close"), reason="Done.")

    assert events(practice("Tom"), f"{home.page}/live?after=0") == [("ended", "", "gone")]
    assert practice("Tom").get(home.page).status_code == 404
    assert priya.get(home.page).status_code == 200


def test_too_many_streams_are_refused_and_the_list_can_be_asked_for(app, practice):
    """The page asks by itself then."""
    priya = practice("Priya")
    streams = app.extensions["desk_streams"]
    taken = 0
    while streams.acquire(blocking=False):
        taken += 1
    try:
        assert priya.get("/desk/inbox/live").status_code == 503
        assert priya.get("/desk/inbox/list").status_code == 200
    finally:
        for _ in range(taken):
            streams.release()
