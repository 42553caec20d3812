"""Nobody opens anything that the table does not allow them; every post proves it is from us."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from desk.blueprint import bp, csrf
from desk.context import settings
from desk.drafts import keep_what_was_written
from desk.permissions import ROUTES, Before
from desk.viewer import Found, Viewer, look_up
from helpline.models.accounts import Step


@bp.before_request
def admit() -> ResponseReturnValue | None:
    """Let a request through, send it to sign-in, or refuse it (403)."""
    access = ROUTES.get(request.endpoint or "")
    if access is None:
        abort(403)
    if request.endpoint == "desk.static":
        return None
    if access is Before.LOOPBACK and not practice_allowed():
        abort(403)
    if request.method == "POST":
        csrf.protect()
    found = look_up()
    signed_in = found.row is not None and found.alive and found.row.step is Step.FULL
    if signed_in and found.row is not None:
        g.viewer = Viewer(found.row.account, found.row.id)
    if access is Before.HALF_WAY:
        return _half_way(found)
    if isinstance(access, Before):
        return None
    if not signed_in:
        return _to_sign_in(found)
    if g.viewer.role not in access:
        abort(403)
    return None


def practice_allowed() -> bool:
    """Whether someone may sign in without a password: practice mode, and only on this machine."""
    own = settings()
    return (
        own.practice_mode
        and _is_loopback(own.bind)
        and _is_loopback(request.remote_addr or "")
        and _is_loopback(urlsplit(f"//{request.host}").hostname or "")
        # A proxy on this machine would make everybody look local.
        and not any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via"))
    )


def safe_next(target: str | None) -> str:
    """Return where to go after signing in: a page of the desk, never another site."""
    parts = urlsplit(target or "")
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/desk/")
    if not inside or "\\" in (target or "") or parts.path.startswith("/desk/sign-in"):
        return url_for("desk.home")
    return target or ""


def _half_way(found: Found) -> ResponseReturnValue | None:
    if found.row is None or not found.alive or found.row.step is Step.FULL:
        return redirect(url_for("desk.sign_in_page"), 303)
    g.half_way = found.row
    return None


def _to_sign_in(found: Found) -> ResponseReturnValue:
    """Send a browser to sign-in and back. What it was writing is kept for its account."""
    kept = request.method == "POST" and keep_what_was_written(found)
    back = request.full_path.rstrip("?") if request.method == "GET" else kept or None
    return redirect(url_for("desk.sign_in_page", next=back, kept="yes" if kept else None), 303)


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
