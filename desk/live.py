"""Live news for open desk pages."""

import threading

from flask import Flask

STREAMS_AT_MOST = 24  # by process; families' pages have 96 of its 128 threads (web/live.py)


def install_live(app: Flask) -> None:
    """Prepare the count of open streams of this process, apart from the families' own."""
    app.extensions["desk_streams"] = threading.BoundedSemaphore(STREAMS_AT_MOST)
