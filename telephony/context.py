"""What the running app was wired with, by type."""

from flask import current_app

from helpline.service import Service
from helpline.settings import Settings
from telephony.account import Account


def service() -> Service:
    """Return the core's service of the running app."""
    found = current_app.extensions["helpline"]
    if not isinstance(found, Service):
        message = f"the app was wired with {type(found).__name__} for Service"
        raise TypeError(message)
    return found


def settings() -> Settings:
    """Return the settings of the running app."""
    return service().settings


def account() -> Account:
    """Return the carrier account; a request that got past `carrier_only` has one."""
    found = current_app.extensions["account"]
    if not isinstance(found, Account):
        message = "the app has no carrier account"
        raise TypeError(message)
    return found
