"""Figures for Prometheus, for this machine or whoever holds the token. No words and no ids."""

import hmac
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from ipaddress import ip_address

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.health import pieces
from helpline.db import transaction

bp = Blueprint("metrics", __name__)

_SHORT = text("SET LOCAL statement_timeout = '5s'")
_GAUGES = (
    (
        "helpline_conversations",
        "Conversations, by status.",
        ("status",),
        "SELECT status, count(*) FROM conversations GROUP BY status",
    ),
    (
        "helpline_handovers_open",
        "Handovers that nobody has closed, by severity and status.",
        ("severity", "status"),
        "SELECT severity, status, count(*) FROM handovers WHERE status <> 'closed' GROUP BY 1, 2",
    ),
    (
        "helpline_handover_oldest_waiting_seconds",
        "How long the longest-waiting family has waited for a person, by severity.",
        ("severity",),
        """
        SELECT severity, extract(epoch FROM now() - min(requested_at)) FROM handovers
        WHERE status = 'requested' GROUP BY severity
        """,
    ),
    (
        "helpline_promises_overdue",
        "Handovers nobody claimed by the time that was promised, by severity.",
        ("severity",),
        """
        SELECT severity, count(*) FROM handovers
        WHERE status = 'requested' AND promised_at < now() GROUP BY severity
        """,
    ),
    (
        "helpline_ladder_late_seconds",
        "How long the most overdue step of a ladder has been due; above 30 no runner works.",
        (),
        """
        SELECT coalesce(extract(epoch FROM now() - min(ladder_due_at)), 0) FROM handovers
        WHERE status <> 'closed' AND ladder_due_at <= now()
        """,
    ),
    (
        "helpline_answer_oldest_waiting_seconds",
        "How long the longest-waiting message has waited for any answer.",
        (),
        "SELECT coalesce(extract(epoch FROM now() - min(waiting_since)), 0) FROM conversations",
    ),
    (
        "helpline_answers_past_review",
        "Published answers whose review date is past; after the grace a person answers instead.",
        (),
        """
        SELECT count(*) FROM revisions
        WHERE status = 'published' AND (content ->> 'review_by')::date < current_date
        """,
    ),
    (
        "helpline_jobs",
        "Jobs due, running or failed, by name and status.",
        ("name", "status"),
        """
        SELECT task_name, status::text, count(*) FROM procrastinate_jobs
        WHERE status IN ('todo', 'doing', 'failed')
        AND (status <> 'todo' OR scheduled_at IS NULL OR scheduled_at <= now()) GROUP BY 1, 2
        """,
    ),
)
_COUNTERS = (
    (
        "helpline_messages",
        "Family messages, by how they were met (waiting: not yet).",
        ("outcome",),
        """
        SELECT coalesce(outcome, 'waiting'), count(*) FROM messages
        WHERE sender = 'family' GROUP BY 1
        """,
    ),
    (
        "helpline_concerns",
        "Safeguarding concerns, by severity and what noticed them.",
        ("severity", "raised_by"),
        "SELECT severity, raised_by, count(*) FROM concerns GROUP BY 1, 2",
    ),
    (
        "helpline_promises_missed",
        "Times given to families that passed before anyone took over, by severity.",
        ("severity",),
        "SELECT severity, count(*) FROM tasks WHERE kind = 'missed_promise' GROUP BY severity",
    ),
    (
        "helpline_alerts",
        "Alerts to workers, by way and how they went.",
        ("way", "status"),
        "SELECT way, status, count(*) FROM alerts GROUP BY 1, 2",
    ),
)


class _Figures(Collector):
    """Reads every figure in one transaction, at the moment it is asked for."""

    def collect(self) -> Iterator[Metric]:
        state = pieces().state()
        up = GaugeMetricFamily("helpline_piece_up", "1 when a piece answers.", labels=["piece"])
        for name, piece in state.items():
            up.add_metric([name], float(piece == "up"))
        yield up
        if state["database"] != "up":
            return
        with transaction() as session:
            session.execute(_SHORT)
            for name, words, labels, query in _GAUGES:
                yield _filled(session, GaugeMetricFamily(name, words, labels=labels), query)
            for name, words, labels, query in _COUNTERS:
                yield _filled(session, CounterMetricFamily(name, words, labels=labels), query)


def _filled(
    session: Session, family: GaugeMetricFamily | CounterMetricFamily, query: str
) -> Metric:
    """Add one sample for each row: labels first, the figure last."""
    for *labels, figure in session.execute(text(query)):
        family.add_metric(labels, float(figure))
    return family


@bp.get("/metrics")
def metrics() -> Response:
    """Give every figure as text; 403 to whoever is neither on this machine nor has the token."""
    if not (_from_this_machine() or _has_token()):
        abort(HTTPStatus.FORBIDDEN)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _from_this_machine() -> bool:
    # Behind a proxy on this machine everybody comes from loopback, and says so in a header.
    forwarded: Iterable[str] = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
    if any(name in request.headers for name in forwarded):
        return False
    return request.remote_addr is not None and ip_address(request.remote_addr).is_loopback


def _has_token() -> bool:
    token = current_app.extensions["settings"].metrics_token.get_secret_value()
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return (
        bool(token)
        and kind.lower() == "bearer"
        and hmac.compare_digest(given.encode(), token.encode())
    )
