"""How gunicorn serves the web process. GUNICORN_CMD_ARGS overrides any of it, by gunicorn's rule.

Two workers, so that one can die or be replaced while the other answers. An open page holds a thread
for its live events, up to five minutes at a time; threads are made as they are needed and cost
little, so each worker may have many: 2 x 128 open pages before a visitor has to wait for a thread.
"""

from gunicorn import glogging

from app import logs
from helpline import safety
from helpline.db import session_factory
from helpline.settings import Settings

_settings = Settings()
logs.configure("web", json=_settings.log_json)


def on_starting(server: object) -> None:
    """Read the safety rules before the first page is served, not while a family waits for it."""
    del server
    safety.screen("")


def pre_fork(server: object, worker: object) -> None:
    """Leave no open connection to be shared: two processes on one would read each other's rows."""
    del server, worker
    bind = session_factory().kw.get("bind")
    if bind is not None:
        bind.dispose()


class logger_class(glogging.Logger):  # noqa: N801 - gunicorn's setting of that name
    """gunicorn's events as lines of our own log."""

    def setup(self, cfg: object) -> None:
        """Let the root logger write; gunicorn would add a handler with a shape of its own."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


bind = f"{_settings.bind}:{_settings.port}"
# Loaded once, before the workers are forked: half the time to the first page, and shared memory.
preload_app = True
worker_class = "gthread"
workers = 2
threads = 128
worker_connections = 2000
timeout = 60
# Live pages do not end by themselves in time; they reconnect to the next process within seconds.
graceful_timeout = 4
keepalive = 5
# Its control socket lies in the home folder, one for all copies of the service.
control_socket_disable = True
accesslog = None  # addresses name conversations; the proxy in front decides what it keeps
