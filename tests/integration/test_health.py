import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import health
from helpline.guide.repository import get_published, publish


@pytest.fixture(autouse=True)
def nobody_else_answers(monkeypatch):
    """Rasa and the action server are as the test says, not as this machine has them."""
    answering = set()
    monkeypatch.setattr(health, "_answers", lambda url, **_: url in answering)
    return answering


@pytest.fixture
def heartbeat(session):
    """A job runner that gave a sign of life just now."""
    session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    session.commit()


def test_live_needs_nothing(client):
    """The process answers even when everything behind it is gone."""
    answer = client.get("/health/live")

    assert (answer.status_code, answer.json) == (200, {"status": "live"})


def test_ready_when_every_piece_is_up(client, heartbeat, nobody_else_answers, settings):
    """The launcher says "Ready" on this."""
    nobody_else_answers |= {f"{settings.rasa_url}/status", f"{settings.actions_url}/health"}

    answer = client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json["status"] == "ready"
    assert answer.json["down"] == []


def test_without_rasa_families_are_still_sent_here(client, heartbeat):
    """Pages, the safety path and people work without the assistant, so the answer stays 200."""
    answer = client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"
    assert answer.json["down"] == ["actions", "rasa"]


def test_a_job_runner_that_stopped_is_named(client, session):
    """Its last sign of life is too old."""
    session.execute(
        text(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
        )
    )
    session.commit()

    assert client.get("/health/ready").json["pieces"]["jobs"] == "down"


def test_without_a_database_it_is_503(client, monkeypatch):
    """A load balancer sends families elsewhere, and the answer still says why."""

    def gone():
        raise OperationalError("SELECT 1", {}, Exception("the server is gone"))

    monkeypatch.setattr(health, "transaction", gone)

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json["pieces"]["database"] == "down"
    assert "gone" not in answer.text


def test_the_pieces_are_not_asked_for_every_visitor(client, monkeypatch):
    """Somebody who hammers the page does not hammer the database."""
    asked = []
    monkeypatch.setattr(health, "_database_and_jobs", lambda: (asked.append(1), (True, True))[1])
    for _ in range(20):
        client.get("/health/ready")

    assert len(asked) < 5


def test_metrics_count_and_never_quote(client, heartbeat, session):
    """A monitor sees how many wait and for how long, and not one word."""
    body = client.get("/metrics").text

    assert 'helpline_piece_up{piece="database"} 1.0' in body
    assert "helpline_answer_oldest_waiting_seconds 0.0" in body
    assert "# TYPE helpline_messages_total counter" in body
    assert "# TYPE helpline_promises_overdue gauge" in body


def test_metrics_count_answers_past_their_review(client, heartbeat, session):
    """Somebody is told before families are: the answers nobody has looked at in time."""
    assert "helpline_answers_past_review 0.0" in client.get("/metrics").text

    late = {**get_published(session, "greeting").content, "review_by": "2026-01-01"}
    publish(session, "greeting", late, "worker:1")
    session.commit()

    assert "helpline_answers_past_review 1.0" in client.get("/metrics").text


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("203.0.113.7", {}),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}),
        ("203.0.113.7", {"Authorization": "Bearer "}),
        ("203.0.113.7", {"Authorization": "Bearer wrong"}),
    ],
)
def test_metrics_are_for_this_machine_only(client, address, headers):
    """Neither a stranger nor one who came through the proxy reads how busy a helpline is."""
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})

    assert answer.status_code == 403


def test_metrics_open_to_the_token(client, app, make_settings, settings):
    """A collector on another machine has the token."""
    app.extensions["settings"] = settings.model_copy(
        update={"metrics_token": type(settings.metrics_token)("for tests only")}
    )

    answer = client.get(
        "/metrics",
        headers={"Authorization": "Bearer for tests only"},
        environ_base={"REMOTE_ADDR": "203.0.113.7"},
    )

    assert answer.status_code == 200
