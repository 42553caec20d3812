"""The one blueprint of the desk, and what every template of it may use."""

import hashlib
from functools import cache
from pathlib import Path
from uuid import uuid4

from flask import Blueprint, url_for
from flask_wtf.csrf import CSRFProtect

from desk.context import settings
from desk.permissions import may
from desk.viewer import find_viewer
from desk.words import clock, day, day_and_clock, hours, waited

STATIC = Path(__file__).parent / "static"

csrf = CSRFProtect()
bp = Blueprint(
    "desk",
    __name__,
    url_prefix="/desk",
    template_folder="templates",
    static_folder="static",
    static_url_path="/assets",
)


@bp.context_processor
def helpers() -> dict[str, object]:
    """Give every desk template its viewer, its assets and its ways to say a time."""
    return {
        "viewer": find_viewer(),
        "may": may,
        "practice": settings().practice_mode,
        "desk_asset": asset,
        "new_id": uuid4,
        "clock": clock,
        "day": day,
        "day_and_clock": day_and_clock,
        "hours": hours,
        "waited": waited,
    }


def asset(name: str) -> str:
    """Return the address of a static file, which changes when the file does."""
    return url_for("desk.static", filename=name, v=_fingerprint(name))


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
