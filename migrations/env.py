"""Alembic's entry: one migration run at a time, against DATABASE_URL or a connection handed in."""

from alembic import context
from sqlalchemy import text

import helpline.models  # noqa: F401 - fills the metadata
from helpline.db import Base, make_engine
from helpline.settings import Settings


def _ours(name: str | None, kind: str, parent_names: dict[str, str | None]) -> bool:
    """Leave the queue's tables to procrastinate, which ships their schema."""
    del parent_names
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def _run(connection) -> None:  # noqa: ANN001 - Alembic hands over its own type
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        include_name=_ours,
    )
    with context.begin_transaction():
        # Two launchers at once must not both migrate; the lock ends with the transaction.
        connection.execute(text("SELECT pg_advisory_xact_lock(726401)"))
        context.run_migrations()


def run() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    engine = make_engine(context.config.attributes.get("url") or Settings().database_url)
    with engine.connect() as connection:
        _run(connection)
    engine.dispose()


run()
