"""The rota as people look at it."""

from datetime import datetime

from sqlalchemy.orm import Session


def on_now(session: Session, now: datetime) -> set[int]:
    """Return the ids of the workers on a shift at `now`."""
    del session, now
    return set()
