"""What the running app was wired with, by type."""

from datetime import timedelta

from flask import current_app

from helpline.events import Newsroom
from helpline.service import Service
from helpline.settings import Settings
from helpline.sign_in import Limits


def settings() -> Settings:
    """Return the settings of the running app."""
    found = current_app.extensions["settings"]
    assert isinstance(found, Settings)  # noqa: S101 - wiring, not input
    return found


def service() -> Service:
    """Return the core's service of the running app."""
    found = current_app.extensions["helpline"]
    assert isinstance(found, Service)  # noqa: S101 - wiring, not input
    return found


def newsroom() -> Newsroom:
    """Return what wakes open pages."""
    found = current_app.extensions["newsroom"]
    assert isinstance(found, Newsroom)  # noqa: S101 - wiring, not input
    return found


def session_limits() -> Limits:
    """Return how long a browser stays signed in."""
    own = settings()
    return Limits(
        idle=timedelta(minutes=own.desk_idle_minutes),
        longest=timedelta(hours=own.desk_session_hours),
    )
