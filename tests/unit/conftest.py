"""Unit tests can reach neither a database nor a socket."""

import pytest
import pytest_socket

from helpline import db


@pytest.fixture(autouse=True)
def _no_network_no_database(monkeypatch: pytest.MonkeyPatch):
    """Fail any unit test that opens a socket or asks for a session."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("a unit test must not reach the database")

    monkeypatch.setattr(db, "_sessions", refuse)
    pytest_socket.disable_socket(allow_unix_socket=False)
    yield
    pytest_socket.enable_socket()
