"""rasa-sdk's action server as one process on loopback.

rasa-sdk's own command starts a main and a worker process (60 MB each), listens on every address
and, for an action that fails, echoes the whole request with the family's words into its log.
"""

import logging
from urllib.parse import urlsplit

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from actions.steps import published_guide
from helpline.db import configure, make_engine
from helpline.settings import Settings

# Errors of these quote requests; what matters of them reaches the job runner as a failed turn.
SILENT = ("rasa_sdk.endpoint", "sanic.error", "sanic.access")


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the port is taken."""
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    configure(make_engine(settings.database_url))
    executor = ActionExecutor()
    executor.register_package("actions")
    published_guide()  # now, not while the first family waits for its answer
    address = urlsplit(settings.actions_url)
    create_app(executor, cors_origins=[]).run(
        host=address.hostname or "127.0.0.1",
        port=address.port or 5055,
        single_process=True,
        access_log=False,
        motd=False,
    )
