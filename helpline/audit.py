"""Write to the trail nobody can edit."""

from typing import Any

from sqlalchemy.orm import Session

from helpline.models import AuditEntry


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject_type: str,
    subject_id: int,
    **details: Any,  # noqa: ANN401 - ids and enums of many kinds
) -> AuditEntry:
    """Add one entry in the caller's transaction. `details` must hold ids and enums, never words."""
    entry = AuditEntry(
        actor=actor,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        details=details,
    )
    session.add(entry)
    return entry
