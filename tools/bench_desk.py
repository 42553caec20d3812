"""`make bench-desk`: how fast the inbox and a conversation open, small and with a long history.

Two databases of its own, one with SMALL and one with LARGE messages (ten to a conversation, every
fifth conversation with a handover, OPEN of them still open), are asked for the same pages by the
same process, taking turns, so that a busy machine slows both alike. Prints p50 and p95 and fails
when LARGE needs more than MOST_MILLISECONDS or MOST_TIMES what SMALL needs (issue 7).
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from cryptography.fernet import Fernet
from flask.testing import FlaskClient
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from app import create_app
from app.postgres import embedded
from app.wiring import import_content
from helpline.db import configure, make_engine, transaction
from helpline.models import Worker
from helpline.settings import PROJECT_ROOT, Settings

SMALL, LARGE = 1_000, 1_000_000
OPEN = 40
ROUNDS = 60
MOST_MILLISECONDS = 150.0
MOST_TIMES = 1.5
FILL = """
    INSERT INTO contacts (channel, created_at)
    SELECT 'web', now() FROM generate_series(1, %(talks)s);
    INSERT INTO conversations (public_id, key, contact_id, channel, status, practice, last_n,
                               last_message_at, opened_at)
    SELECT gen_random_uuid(), 'bench' || id, id, 'web', 'open', true, 10,
           now() - interval '1 minute' * id, now() - interval '1 minute' * (id + 10)
    FROM contacts;
    INSERT INTO messages (conversation_id, n, sender, channel, text, answered_at, sources, choices,
                          details, severity, created_at)
    SELECT c.id, n, CASE n %% 2 WHEN 1 THEN 'family' ELSE 'assistant' END, 'web',
           repeat('what the family wrote, or what came back. ', 8), now(), '[]', '[]', '{}', 'none',
           c.last_message_at - interval '1 minute' * (10 - n)
    FROM conversations c, generate_series(1, 10) n;
    INSERT INTO handovers (conversation_id, reason, severity, status, worker_id, worker_name,
                           promised_at, staffed, requested_at, ladder_step, ladder_from,
                           claimed_at, closed_at, closed_by_id, close_reason)
    SELECT c.id, 'concern', CASE c.id %% 3 WHEN 0 THEN 'immediate' ELSE 'urgent' END,
           CASE WHEN c.id <= %(open)s * 2 THEN 'requested' ELSE 'closed' END,
           w.id, w.name, c.opened_at + interval '1 hour', true, c.opened_at, 0, 0,
           CASE WHEN c.id > %(open)s * 2 THEN c.opened_at + interval '9 minutes' END,
           CASE WHEN c.id > %(open)s * 2 THEN c.last_message_at END,
           CASE WHEN c.id > %(open)s * 2 THEN w.id END,
           CASE WHEN c.id > %(open)s * 2 THEN 'done' END
    FROM conversations c, (SELECT id, name FROM workers ORDER BY id LIMIT 1) w
    WHERE c.id %% 5 = 0 OR (c.id <= %(open)s * 2 AND c.id %% 2 = 0);
"""


@contextmanager
def desk(folder: Path, messages: int) -> Iterator[tuple[Any, FlaskClient, dict[str, str]]]:
    """Give an engine, a signed-in browser and the addresses to open, on a filled database."""
    with embedded(folder / "pg") as server:
        url = server.url()
        config = Config(PROJECT_ROOT / "alembic.ini")
        config.attributes["url"] = url
        command.upgrade(config, "head")
        settings = Settings(
            _env_file=None,
            database_url=url,
            var_dir=folder,
            secret_key="for the bench only",  # noqa: S106 - thrown away
            contact_hmac_key="for the bench only",
            contact_encryption_key=Fernet.generate_key().decode(),
            rasa_token="for-the-bench-only",  # noqa: S106 - thrown away
        )
        engine = make_engine(url)
        configure(engine)
        import_content(settings)
        with psycopg.connect(url, autocommit=True) as connection:
            values = {"talks": messages // 10, "open": OPEN}
            for statement in FILL.split(";")[:-1]:
                connection.execute(statement, values if "%(" in statement else {})
            connection.execute("VACUUM ANALYZE")
        app = create_app(settings)
        configure(engine)
        client = app.test_client()
        page = client.get("/desk/sign-in").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        with transaction() as session:
            lead = session.scalars(select(Worker.id).where(Worker.duty_lead)).one()
        client.post("/desk/practice", data={"csrf_token": token, "who": lead})
        with psycopg.connect(url) as connection:
            found = connection.execute(
                "SELECT c.public_id FROM conversations c "
                "JOIN handovers h ON h.conversation_id = c.id "
                "WHERE h.status = 'requested' ORDER BY c.id LIMIT 1"
            ).fetchone()
        pages = {
            "inbox": "/desk/inbox",
            "closed list": "/desk/inbox?tab=closed",
            "conversation": f"/desk/c/{found[0] if found else None}",
        }
        yield engine, client, pages
        engine.dispose()


def measure() -> dict[str, dict[int, list[float]]]:
    """Return milliseconds by page and size."""
    took: dict[str, dict[int, list[float]]] = {}
    with (
        tempfile.TemporaryDirectory() as small,
        tempfile.TemporaryDirectory() as large,
        desk(Path(small), SMALL) as one,
        desk(Path(large), LARGE) as other,
    ):
        for turn in range(ROUNDS + 3):
            for size, (engine, client, pages) in ((SMALL, one), (LARGE, other)):
                configure(engine)
                for name, path in pages.items():
                    begun = time.perf_counter()
                    answer = client.get(path)
                    milliseconds = (time.perf_counter() - begun) * 1000
                    if answer.status_code != 200:  # noqa: PLR2004 - found
                        message = f"{name}: {answer.status_code}"
                        raise SystemExit(message)
                    if turn >= 3:  # noqa: PLR2004 - caches are warm
                        took.setdefault(name, {}).setdefault(size, []).append(milliseconds)
    return took


def main() -> None:
    """Measure, print, and fail when a promise is broken."""
    table = Table("page", "messages", "p50 ms", "p95 ms", "times", title="The desk")
    broken = []
    for name, sizes in measure().items():
        p95 = {size: statistics.quantiles(found, n=20)[-1] for size, found in sizes.items()}
        times = p95[LARGE] / p95[SMALL]
        for size, found in sizes.items():
            shown = f"{times:.2f}" if size == LARGE else ""
            table.add_row(
                name, f"{size:,}", f"{statistics.median(found):.0f}", f"{p95[size]:.0f}", shown
            )
        if p95[LARGE] > MOST_MILLISECONDS or times > MOST_TIMES:
            broken.append(name)
    Console().print(table)
    if broken:
        sys.exit(f"Too slow: {', '.join(broken)}.")


if __name__ == "__main__":
    main()
