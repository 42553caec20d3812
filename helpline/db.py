"""The database: one engine, one PostgreSQL dialect, and one commit that the edge owns."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, DateTime, Engine, Enum, MetaData, create_engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

_sessions: sessionmaker[Session] = sessionmaker(expire_on_commit=False)


class Base(DeclarativeBase):
    """What every model inherits: constraint names that migrations can rely on, aware times."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012 - SQLAlchemy's shape


def enum_column(kind: type[StrEnum]) -> Enum:
    """Store an enum as its lower-case text with a CHECK, so that psql and reports can read it."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def driver_url(url: str) -> str:
    """Return `url` naming the psycopg 3 driver, which SQLAlchemy would not choose by itself."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def make_engine(url: str) -> Engine:
    """Build the engine for a PostgreSQL `url`. A dead connection is noticed before it is used."""
    return create_engine(
        driver_url(url),
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=30,
        pool_timeout=5,
        hide_parameters=True,  # an error text must not carry what a family wrote
    )


def configure(bind: Engine | Connection) -> None:
    """Point every later `transaction()` at this engine (or, in tests, at one connection)."""
    _sessions.configure(bind=bind, join_transaction_mode="create_savepoint")


def disconnect() -> None:
    """Close every idle connection of the engine that `transaction()` uses."""
    bind = _sessions.kw.get("bind")
    if isinstance(bind, Engine):
        bind.dispose()


@contextmanager
def transaction() -> Iterator[Session]:
    """Give a session and commit once at the end; any error rolls everything back."""
    with _sessions() as session, session.begin():
        yield session


def session_factory() -> sessionmaker[Session]:
    """Return the factory behind `transaction()`, for readers that keep their own rhythm."""
    return _sessions
