"""Accounts of staff, for the admin: invite, keep out, let in again, help after a lost phone."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from desk.blueprint import bp
from desk.context import service, settings
from desk.viewer import viewer
from helpline import accounts, takeover
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.errors import Conflict, NotFound
from helpline.models.accounts import Account, Invitation, Role


@bp.get("/people")
def people() -> ResponseReturnValue:
    """List accounts and open invitations."""
    return _page()


@bp.post("/people/invite")
def invite_post() -> ResponseReturnValue:
    """Invite someone. The link is shown once; the database keeps only its hash."""
    form = request.form
    try:
        role = Role(form.get("role", ""))
        with transaction() as session:
            invited = accounts.invite(
                session,
                name=form.get("name", ""),
                email=form.get("email", ""),
                role=role,
                by=_me(session),
                now=utcnow(),
            )
    except (ValueError, Conflict) as reason:
        return _page(problem=f"Not invited: {reason}.", status=422)
    link = settings().public_base_url.rstrip("/") or request.host_url.rstrip("/")
    return _page(
        link=link + url_for("desk.join_page", token=invited.token),
        invited=invited.invitation.name,
    )


@bp.post("/people/<int:account_id>/deactivate")
def deactivate_post(account_id: int) -> ResponseReturnValue:
    """Keep someone out from now on. Their open conversations go back to the queue."""
    if account_id == viewer().account.id:
        return _page(problem="You cannot keep yourself out.", status=422)
    with transaction() as session:
        account = _account(session, account_id)
        accounts.set_active(session, account, _me(session), active=False)
        if account.worker_id is not None:
            by = accounts.actor(viewer().account)
            takeover.release_all(session, service(), account.worker_id, by, utcnow())
    return redirect(url_for("desk.people"), 303)


@bp.post("/people/<int:account_id>/activate")
def activate_post(account_id: int) -> ResponseReturnValue:
    """Let someone in again."""
    with transaction() as session:
        accounts.set_active(session, _account(session, account_id), _me(session), active=True)
    return redirect(url_for("desk.people"), 303)


@bp.post("/people/<int:account_id>/second-step")
def second_step_post(account_id: int) -> ResponseReturnValue:
    """After a lost phone: they set up a new one at their next sign-in."""
    with transaction() as session:
        account = _account(session, account_id)
        accounts.reset_second_step(session, service().book, account, _me(session))
    return redirect(url_for("desk.people"), 303)


def _account(session: Session, account_id: int) -> Account:
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound("no such account")
    return account


def _me(session: Session) -> Account:
    return session.get_one(Account, viewer().account.id)


def _page(
    *, problem: str = "", link: str = "", invited: str = "", status: int = 200
) -> ResponseReturnValue:
    with transaction() as session:
        rows = session.scalars(
            select(Account)
            .options(joinedload(Account.worker))
            .order_by(Account.active.desc(), Account.name)
        ).all()
        waiting = session.scalars(
            select(Invitation)
            .where(Invitation.used_at.is_(None), Invitation.expires_at > utcnow())
            .order_by(Invitation.id)
        ).all()
        page = render_template(
            "desk/people.html",
            accounts=rows,
            invitations=waiting,
            roles=list(Role),
            problem=problem,
            link=link,
            invited=invited,
            form=request.form,
        )
    return make_response(page, status)
