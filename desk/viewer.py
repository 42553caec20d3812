"""Who is looking: the account behind this browser's cookie."""

from dataclasses import dataclass

from flask import Response, g, request

from desk.context import session_limits, settings
from helpline import sign_in
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.models.accounts import Account, AccountSession, Role, Step

COOKIE = "desk"


@dataclass(frozen=True)
class Viewer:
    """The member of staff this request comes from, fully signed in."""

    account: Account
    session_id: int

    @property
    def role(self) -> Role:
        """What they are here for."""
        return self.account.role

    @property
    def name(self) -> str:
        """Their name as families know it."""
        return self.account.name

    @property
    def worker_id(self) -> int | None:
        """Their row on the rota, None for those who take no conversations."""
        return self.account.worker_id

    @property
    def is_lead(self) -> bool:
        """Whether they see full numbers and past cases, watch, and change the rota."""
        return self.role is Role.LEAD


@dataclass(frozen=True)
class Found:
    """What the cookie names: a row that is alive or not, or nothing."""

    row: AccountSession | None
    alive: bool


def look_up() -> Found:
    """Read this browser's cookie, and note that it is there."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        return Found(None, alive=False)
    now = utcnow()
    with transaction() as session:
        row = sign_in.find_session(session, token)
        if row is None:
            return Found(None, alive=False)
        alive = sign_in.is_alive(row, session_limits(), now)
        if alive:
            sign_in.seen(row, now)
        return Found(row, alive=alive)


def find_viewer() -> Viewer | None:
    """Return who is looking, None before they have signed in."""
    viewer = g.get("viewer")
    return viewer if isinstance(viewer, Viewer) else None


def viewer() -> Viewer:
    """Return who is looking; only on routes that need somebody."""
    found = find_viewer()
    if found is None:
        raise LookupError("this route was reached without signing in")
    return found


def half_way() -> AccountSession:
    """Return the row of a browser that has given its password and not yet its code."""
    row = g.get("half_way")
    if not isinstance(row, AccountSession) or row.step is Step.FULL:
        raise LookupError("this route was reached without a password")
    return row


def hold(response: Response, token: str) -> Response:
    """Give the browser its key: HttpOnly, this site's pages only, gone when the browser closes."""
    response.set_cookie(
        COOKIE,
        token,
        path="/desk",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure or settings().public_base_url.startswith("https://"),
    )
    return response


def drop(response: Response) -> Response:
    """Take the key back."""
    response.delete_cookie(COOKIE, path="/desk", samesite="Lax", httponly=True)
    return response
