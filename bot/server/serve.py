"""Runs Rasa on loopback. Started by app/training.py `rasa_command` on Python 3.10.

    python -m bot.server.serve --model var/models/<name>.tar.gz --port 5005

It is `rasa run --enable-api` with four differences: the token comes from HELPLINE_RASA_TOKEN and
not from the command line, where every user of the machine could read it; the interface is always
loopback; a message of ours is understood first, so that no family's is the slow one; and one check
that Rasa repeats in every turn is made once (quicker.py).
"""

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
LOOPBACK = "127.0.0.1"
FIRST_WORDS = "hello"


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--endpoints", type=Path, default=FOLDER / "endpoints.yml")
    arguments = parser.parse_args()
    token = os.environ.get("HELPLINE_RASA_TOKEN", "")
    if not token:
        sys.exit("HELPLINE_RASA_TOKEN is not set: Rasa does not start without its token.")

    # 15 s of imports, so only after the cheap checks.
    from rasa.core.run import serve_application  # noqa: PLC0415
    from rasa.core.utils import AvailableEndpoints  # noqa: PLC0415
    from rasa.utils.log_utils import configure_structlog  # noqa: PLC0415

    from bot.server.quicker import check_action_schema_once  # noqa: PLC0415

    check_action_schema_once()
    logging.captureWarnings(capture=True)  # Rasa's packages undo PYTHONWARNINGS
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    configure_structlog(logging.WARNING)
    logging.getLogger("rasa").setLevel(logging.WARNING)
    serve_application(
        arguments.model,
        interface=LOOPBACK,
        port=arguments.port,
        credentials=str(FOLDER / "credentials.yml"),
        endpoints=AvailableEndpoints.read_endpoints(str(arguments.endpoints)),
        auth_token=token,
        enable_api=True,
        server_listeners=[(_understand_first_words, "after_server_start")],
    )


async def _understand_first_words(app: Any, _: Any) -> None:  # noqa: ANN401 - sanic's own types
    await app.ctx.agent.parse_message(FIRST_WORDS)


if __name__ == "__main__":
    main()
