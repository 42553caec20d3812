"""A real PostgreSQL, migrated once by Alembic; each test runs inside a savepoint."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from app import create_app
from app.postgres import embedded
from app.wiring import build_service, import_content
from helpline.db import configure, make_engine, session_factory
from helpline.service import Service
from helpline.settings import Settings


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory, project_root) -> Iterator[str]:
    """The address of a server of our own, with every table in place."""
    with embedded(tmp_path_factory.mktemp("pg") / "data") as server:
        url = server.url()
        config = Config(project_root / "alembic.ini")
        config.attributes["url"] = url
        command.upgrade(config, "head")
        yield url


@pytest.fixture(scope="session")
def settings(make_settings, database_url: str) -> Settings:
    """Practice-mode settings on the test database."""
    return make_settings(database_url=database_url)


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    """An engine on the test database, with the guide and the practice rota imported."""
    engine = make_engine(settings.database_url)
    configure(engine)
    import_content(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """One connection in a transaction that is rolled back; `transaction()` uses it too."""
    with engine.connect() as connection, connection.begin() as outer:
        configure(connection)
        yield connection
        outer.rollback()
        configure(engine)


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """A session on that connection. Commits inside a test are savepoints."""
    with session_factory()() as session:
        yield session


@pytest.fixture(scope="session")
def real_service(engine: Engine, settings: Settings) -> Service:
    """The service as production builds it, on committed content."""
    return build_service(settings)


@pytest.fixture
def service(connection: Connection, real_service: Service) -> Service:
    """The service, reading and writing inside this test's transaction."""
    configure(connection)
    return real_service


@pytest.fixture(scope="session")
def one_app(engine: Engine, settings: Settings) -> Any:
    """The application, made once: reading the whole guide takes a while."""
    app = create_app(settings)
    app.config.update(TESTING=True, WAIT_FOR_ANSWER_SECONDS=0.0, STREAM_SECONDS=0.0)
    return app


@pytest.fixture
def app(connection: Connection, settings: Settings):
    """The web application on this test's connection."""
    app = create_app(settings)
    configure(connection)
    app.config["TESTING"] = True
    return app


@pytest.fixture
def client(app):
    """A browser without JavaScript."""
    return app.test_client()
