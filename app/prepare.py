"""Tables and guide brought up to date before anything serves; at once when nothing changed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import psycopg

from helpline.settings import PROJECT_ROOT, Settings

ACTION = "content_imported"
# What a finished preparation depends on, besides the guide's own folder.
SOURCES = ("migrations/versions", "helpline/guide", "helpline/practice_rota.py", "app/wiring.py")
_LAST = """
    SELECT details ->> 'fingerprint' FROM audit_entries
    WHERE subject_type = 'guide' AND subject_id = 0 AND action = %s ORDER BY id DESC LIMIT 1
"""


def prepare(settings: Settings) -> None:
    """Bring the tables to the newest revision and import the guide's files.

    Raises GuideError with every problem when the files are wrong; then nothing was imported.
    """
    # Here, because the launcher asks `is_prepared` alone, and these take a second to load.
    from app import database, wiring  # noqa: PLC0415
    from helpline import audit  # noqa: PLC0415
    from helpline.db import transaction  # noqa: PLC0415

    wanted = fingerprint(settings)
    with database.available(settings):
        database.migrate(settings)
        wiring.import_content(settings)
        with transaction() as session:
            audit.record(
                session,
                actor="files",
                action=ACTION,
                subject_type="guide",
                subject_id=0,
                fingerprint=wanted,
            )


def is_prepared(settings: Settings) -> bool:
    """Whether this database was last prepared from exactly the files that are here now."""
    try:
        with psycopg.connect(settings.database_url, connect_timeout=5) as connection:
            found = connection.execute(_LAST, [ACTION]).fetchone()
    except psycopg.Error:
        return False  # no such database or table yet, or none that answers
    return found is not None and found[0] == fingerprint(settings)


def fingerprint(settings: Settings) -> str:
    """Return a digest of every file that a preparation reads or runs."""
    digest = hashlib.sha256(f"practice={settings.practice_mode}".encode())
    for path in sorted(_files([settings.guide_folder, *(PROJECT_ROOT / s for s in SOURCES)])):
        digest.update(str(path.name).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(places: Iterable[Path]) -> Iterable[Path]:
    for place in places:
        if place.is_file():
            yield place
        else:
            yield from (p for p in place.rglob("*") if p.suffix in {".py", ".yml", ".json"})
