"""One's own account: who am I here, sign out, password, recovery codes, other browsers."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from desk.blueprint import bp
from desk.context import service, session_limits
from desk.permissions import may
from desk.viewer import drop, viewer
from helpline import accounts, sign_in
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.models.accounts import Account, AccountSession


@bp.get("/")
def home() -> ResponseReturnValue:
    """Go to the page this role works on."""
    for endpoint in ("inbox", "numbers", "people"):
        if may(endpoint):
            return redirect(url_for(f"desk.{endpoint}"), 303)
    return redirect(url_for("desk.me"), 303)


@bp.get("/me")
def me() -> ResponseReturnValue:
    """Show one's own account."""
    return _page()


@bp.post("/sign-out")
def sign_out_post() -> ResponseReturnValue:
    """End this browser's session."""
    with transaction() as session:
        row = session.get_one(AccountSession, viewer().session_id)
        sign_in.sign_out(session, row, utcnow())
    return drop(make_response(redirect(url_for("desk.sign_in_page"), 303)))


@bp.post("/me/password")
def password_post() -> ResponseReturnValue:
    """Change the password; every other browser is signed out."""
    with transaction() as session:
        account = session.get_one(Account, viewer().account.id, with_for_update=True)
        if not accounts.password_fits(account, request.form.get("current", "")):
            return _page(problem="That is not your present password.", status=422)
        try:
            accounts.change_password(session, account, request.form.get("password", ""))
        except accounts.WeakPassword as reason:
            return _page(problem=str(reason), status=422)
        own = session.get_one(AccountSession, viewer().session_id)
        accounts.end_sessions(session, account, utcnow(), but=own)
    return _page(done="Your password is changed, and other browsers are signed out.")


@bp.post("/me/recovery")
def recovery_post() -> ResponseReturnValue:
    """Make new recovery codes, for whoever has the authenticator app in their hand."""
    with transaction() as session:
        account = session.get_one(Account, viewer().account.id, with_for_update=True)
        book = service().book
        if not accounts.code_fits(book, account, request.form.get("code", ""), utcnow()):
            return _page(problem="That code is not right, or was used before.", status=422)
        codes = accounts.new_recovery_codes(session, book, account)
    return render_template("desk/recovery.html", codes=codes, onward=url_for("desk.me"))


@bp.post("/me/others")
def other_sessions_post() -> ResponseReturnValue:
    """Sign every other browser out."""
    with transaction() as session:
        own = session.get_one(AccountSession, viewer().session_id)
        accounts.end_sessions(session, own.account, utcnow(), but=own)
    return _page(done="Other browsers are signed out.")


def _page(*, problem: str = "", done: str = "", status: int = 200) -> ResponseReturnValue:
    now = utcnow()
    with transaction() as session:
        account = session.get_one(Account, viewer().account.id)
        rows = session.scalars(
            select(AccountSession)
            .where(AccountSession.account_id == account.id, AccountSession.ended_at.is_(None))
            .order_by(AccountSession.last_seen_at.desc())
        ).all()
        open_rows = [row for row in rows if sign_in.is_alive(row, session_limits(), now)]
        page = render_template(
            "desk/me.html",
            account=account,
            rows=open_rows,
            own_id=viewer().session_id,
            problem=problem,
            done=done,
        )
    return make_response(page, status)
