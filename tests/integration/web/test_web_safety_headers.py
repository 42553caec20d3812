"""What browsers are told, who may post, and what an error page says."""

import re
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

import web
from helpline import conversations

PAGES = {"/": 200, "/nowhere": 404, "/api/docs": 200}


@pytest.mark.parametrize("path", [*PAGES, "/api/openapi.json", "/assets/web.css", "/messages"])
def test_security_headers_are_sent_with_everything(client, path):
    """No inline code, no frames, nothing from anybody else."""
    with client.get(path) as response:
        headers = response.headers
    policy = headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(("path", "status"), PAGES.items())
def test_every_page_is_valid_with_one_heading_and_its_title(family, path, status):
    """One h1, and the title begins with it."""
    page = family.open(path, status)
    headings = page.texts(".//h1")

    assert len(headings) == 1
    assert page.texts(".//title") == [f"{headings[0]} \N{EN DASH} On My Side"]
    assert not page.all(".//*[@style]")
    assert all(script.get("src") for script in page.all(".//script"))


@pytest.mark.parametrize(("path", "status"), PAGES.items())
def test_practice_mode_is_said_on_every_page(family, path, status):
    """Nobody may take the practice rota for real people."""
    assert "Practice mode" in " ".join(family.open(path, status).texts(".//aside"))


def test_the_cookie_is_for_this_session_and_this_site_only(family):
    """HttpOnly, SameSite=Strict, gone with the browser; no other cookie."""
    cookies = family.send("hello").headers.getlist("Set-Cookie")

    assert len(cookies) == 1
    assert cookies[0].startswith("chat=")
    assert "HttpOnly" in cookies[0]
    assert "SameSite=Strict" in cookies[0]
    assert "Expires" not in cookies[0]
    assert "Max-Age" not in cookies[0]


def test_the_cookie_is_secure_over_https(family):
    """Behind https it never travels in the clear."""
    response = family.client.post(
        "/messages", data={"text": "hello"}, base_url="https://helpline.example"
    )

    assert "Secure" in response.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_post_for_the_family(family, headers):
    """403, nothing stored, and the page says how to reach help."""
    response = family.client.post("/messages", data={"text": "hello"}, headers=headers)

    assert response.status_code == 403
    assert family.messages() == []
    assert 'href="tel:999"' in response.text


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}]
)
def test_our_own_page_can_post(family, headers):
    """New browsers, older ones, and those that say nothing."""
    response = family.client.post("/messages", data={"text": "hello"}, headers=headers)

    assert response.status_code == 303


def test_too_many_messages_are_refused_with_the_way_to_help(family, limits_on):
    """429 keeps the words in the box."""
    family.send("the first one opens the chat")
    statuses = {family.send(f"message {n}").status_code for n in range(30)}
    response = family.send("and now this")

    assert statuses == {303}
    assert response.status_code == 429
    assert "and now this" in response.text
    assert 'href="tel:999"' in response.text


def _database_is_down(*_args, **_kwargs):
    raise OperationalError("SELECT secret words", {}, Exception("secret words"))


def test_without_a_database_the_words_come_back_with_what_to_do(family, monkeypatch):
    """503, no exception text, the message kept in a box to send again."""
    monkeypatch.setattr(conversations, "record_inbound", _database_is_down)
    response = family.send("hes had a fit")

    assert response.status_code == 503
    assert "hes had a fit" in response.text
    assert 'href="tel:999"' in response.text
    assert "secret" not in response.text


def test_our_own_mistake_is_admitted_without_its_text(family, monkeypatch):
    """500 in plain words."""

    def broken(*_args, **_kwargs):
        raise RuntimeError("secret words")

    monkeypatch.setattr(conversations, "record_inbound", broken)
    response = family.send("hello")

    assert response.status_code == 500
    assert "Something went wrong" in response.text
    assert "secret" not in response.text
    assert "hello" in response.text


@pytest.mark.parametrize(("method", "path", "status"), [("PUT", "/", 405), ("POST", "/", 405)])
def test_other_errors_have_a_page_too(client, method, path, status):
    """A wrong method is told in words."""
    response = client.open(path, method=method)

    assert response.status_code == status
    assert "That does not work here" in response.text


def test_a_body_of_any_size_is_refused_before_it_is_read(client):
    """413 with the way to help."""
    response = client.post("/messages", data={"text": "x" * (web.MAX_BODY_BYTES + 1)})

    assert response.status_code == 413
    assert 'href="tel:999"' in response.text


def test_no_telephone_number_stands_in_a_template_or_script(project_root: Path):
    """Numbers come from the guide's checked list only."""
    number = re.compile(r"\b(?:999|111|116 ?123|0[0-9]{3,4}[ -]?[0-9]{3}[ -]?[0-9]{3,4})\b")
    files = [*(project_root / "web").rglob("*.html"), *(project_root / "web").rglob("*.js")]

    assert files
    assert [f.name for f in files if number.search(f.read_text())] == []


def test_no_page_asks_anybody_else_for_anything(project_root: Path):
    """Scripts and style sheets name no other host."""
    for file in (project_root / "web" / "static").iterdir():
        found = re.findall(r"https?://[^\s\"')]+", file.read_text())
        assert set(found) <= {"http://www.w3.org/2000/svg"}, file.name
