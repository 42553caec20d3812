"""The composition root: wires the core to web, Rasa, jobs and the command line.

Imported only by tests.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # every process starts through here; most need no Flask
    from flask import Flask

    from helpline.settings import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Return the web application. Without settings, read them as every process does."""
    from app.factory import make_app  # noqa: PLC0415 - `import app` stays cheap for the command line

    return make_app(settings)
