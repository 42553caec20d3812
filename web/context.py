"""What the running app was wired with, by type."""

from flask import current_app

from helpline.events import Newsroom
from helpline.service import Service
from helpline.settings import Settings


def settings() -> Settings:
    """Return the settings of the running app."""
    return _typed(current_app.extensions["settings"], Settings)


def service() -> Service:
    """Return the core's service of the running app."""
    return _typed(current_app.extensions["helpline"], Service)


def newsroom() -> Newsroom:
    """Return what wakes open pages."""
    return _typed(current_app.extensions["newsroom"], Newsroom)


def _typed[T](found: object, kind: type[T]) -> T:
    if not isinstance(found, kind):
        message = f"the app was wired with {type(found).__name__} for {kind.__name__}"
        raise TypeError(message)
    return found
