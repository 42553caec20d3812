"""Staff accounts from the command line: the first invitation, before anyone can sign in."""

from helpline import accounts
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.models.accounts import Role
from helpline.settings import Settings


def invite(settings: Settings, name: str, email: str, role: str) -> str:
    """Invite someone and return the link, which works once. Raises ValueError, Conflict."""
    with transaction() as session:
        invited = accounts.invite(
            session, name=name, email=email, role=Role(role), by=None, now=utcnow()
        )
    base = settings.public_base_url.rstrip("/") or f"http://127.0.0.1:{settings.port}"
    return f"{base}/desk/join/{invited.token}"
