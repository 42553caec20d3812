"""Every migration goes up, down and up again, with data in the tables."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from app.postgres import embedded
from helpline.db import make_engine


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory):
    """An empty database of its own."""
    with embedded(tmp_path_factory.mktemp("pg") / "data") as server:
        yield server.url()


@pytest.fixture
def config(url: str, project_root) -> Config:
    """Alembic on that database."""
    config = Config(project_root / "alembic.ini")
    config.attributes["url"] = url
    return config


def test_up_and_check_are_silent(config) -> None:
    """The models and the migrations say the same."""
    command.upgrade(config, "head")
    command.check(config)


def test_down_and_up_again_with_data(config, url: str) -> None:
    """A step back leaves no table of ours or the queue's behind, and up works again."""
    command.upgrade(config, "head")
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_entries (at, actor, action, subject_type, subject_id, details) "
                "VALUES (now(), 'a', 'b', 'c', 1, '{}')"
            )
        )
        connection.execute(
            text("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('q', 't')")
        )
    command.downgrade(config, "base")

    assert inspect(engine).get_table_names() == ["alembic_version"]

    command.upgrade(config, "head")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_entries")) == 0
    engine.dispose()
