import os
import time
from contextlib import suppress

import psutil
import psycopg
import pytest

from app.postgres import EmbeddedPostgres, Lock, PostgresError, embedded


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """One data folder for the module; making one takes a second."""
    folder = tmp_path_factory.mktemp("power") / "data"
    with embedded(folder) as server, psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    return folder


def kept(server):
    """How many rows survived."""
    with psycopg.connect(server.url()) as connection:
        return connection.execute("SELECT count(*) FROM kept").fetchone()[0]


def kill_everything(server):
    """End the server as a power cut does: nobody gets to tidy up."""
    postmaster = server.running()
    everyone = [postmaster, *postmaster.children(recursive=True)]
    for process in everyone:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(everyone, timeout=10)


def test_what_was_committed_survives_a_power_cut(data_dir):
    """A case that was reported is on disk even if the power goes in the same second."""
    server = EmbeddedPostgres(data_dir)
    server.start()
    before = kept(server)
    with psycopg.connect(server.url()) as connection:
        connection.execute("INSERT INTO kept VALUES (1)")
        connection.commit()
        kill_everything(server)

    with embedded(data_dir) as again:
        assert kept(again) == before + 1


def test_a_recycled_process_number_is_not_taken_for_the_server(data_dir):
    """After a power cut the old number belongs to somebody else, here to this test."""
    server = EmbeddedPostgres(data_dir)
    server.start()
    kill_everything(server)
    for file in (data_dir / "postmaster.pid", data_dir / ".s.PGSQL.5432.lock"):
        _, _, rest = file.read_text().partition("\n")
        file.write_text(f"{os.getpid()}\n{rest}")

    with embedded(data_dir) as again:
        assert again.ready()
    assert psutil.pid_exists(os.getpid())


def test_a_half_written_pid_file_does_not_stop_the_start(data_dir):
    """A power cut can leave an empty file."""
    (data_dir / "postmaster.pid").write_text("")

    with embedded(data_dir) as server:
        assert server.ready()


def test_the_last_command_to_leave_stops_the_server(data_dir):
    """Two commands share one server; neither pulls it from under the other."""
    with embedded(data_dir) as first:
        with embedded(data_dir):
            pass
        assert first.ready()

    assert first.running() is None


def test_a_run_of_its_own_keeps_its_server(data_dir):
    """A command beside `make run` uses the server and leaves it running."""
    server = EmbeddedPostgres(data_dir)
    server.start()
    try:
        with Lock(data_dir) as lock:
            assert lock.take(alone=True)
            with embedded(data_dir):
                assert server.ready()
            assert server.ready()
    finally:
        server.stop()


def test_a_folder_deeper_than_a_socket_path_allows_works(tmp_path):
    """The project may lie anywhere, spaces and accents included."""
    folder = tmp_path / ("deep" * 20) / "où ça" / "data"

    with embedded(folder) as server:
        assert server.socket_dir != server.data_dir
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    assert not server.socket_dir.exists()


def test_another_major_version_is_one_plain_sentence(tmp_path):
    """Programs of a newer PostgreSQL must not touch older data."""
    folder = tmp_path / "data"
    folder.mkdir()
    server = EmbeddedPostgres(folder)
    (folder / "PG_VERSION").write_text("17\n")

    with pytest.raises(PostgresError, match=r"is of PostgreSQL 17[^\n]+\.$"):
        server.prepare()


def test_no_network_address_is_opened(data_dir):
    """Only whoever may open the folder can connect."""
    with embedded(data_dir) as server:
        sockets = server.running().net_connections(kind="inet")

    assert sockets == []


def test_the_servers_log_does_not_quote_what_it_refuses(data_dir):
    """An error would quote a family's words."""
    with embedded(data_dir) as server:
        with psycopg.connect(server.url()) as connection, pytest.raises(psycopg.DataError):
            connection.execute("SELECT 'he said goodbye'::int")
        log = server.log_file.read_text()

    assert "goodbye" not in log


def test_stopping_waits_for_nobody(data_dir):
    """An open session does not keep the service from stopping."""
    server = EmbeddedPostgres(data_dir)
    server.start()
    with psycopg.connect(server.url()):
        started = time.monotonic()
        server.stop()

    assert time.monotonic() - started < 10
