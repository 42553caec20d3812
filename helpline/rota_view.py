"""The rota as people look at it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline import rota


def on_now(session: Session, now: datetime) -> set[int]:
    """Return the ids of the workers on a shift at `now`."""
    duties = rota.list_duties(session, now, now + timedelta(minutes=1))
    return {duty.worker.id for duty in duties if duty.starts <= now < duty.ends}
