"""The database as the launcher sees it: there, created, and at the newest revision."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from alembic import command
from alembic.config import Config

from app.environment import DATABASE, server, uses_embedded_database
from app.postgres import embedded
from helpline.db import configure, make_engine
from helpline.settings import PROJECT_ROOT, Settings


@contextmanager
def available(settings: Settings) -> Iterator[None]:
    """Hold the database open for a command, and point `transaction()` at it.

    The embedded one is started if nobody runs it, and stopped by the last who leaves.
    """
    with ExitStack() as stack:
        if uses_embedded_database(settings):
            stack.enter_context(embedded(server(settings).data_dir)).create(DATABASE)
        engine = make_engine(settings.database_url)
        stack.callback(engine.dispose)
        configure(engine)
        yield


def migrate(settings: Settings, revision: str = "head") -> None:
    """Bring the tables to `revision`. Two at once are safe: the second waits and finds it done."""
    command.upgrade(_alembic(settings), revision)


def write_migration(settings: Settings, words: str) -> None:
    """Write the next numbered revision from what the models say and the tables do not."""
    versions = PROJECT_ROOT / "migrations" / "versions"
    number = 1 + max(int(path.name[:4]) for path in versions.glob("[0-9]*.py"))
    command.revision(_alembic(settings), words, autogenerate=True, rev_id=f"{number:04d}")


def _alembic(settings: Settings) -> Config:
    config = Config(PROJECT_ROOT / "alembic.ini")
    config.attributes["url"] = settings.database_url
    return config
