"""Signing in: password, one-time code, invitation, and the practice door."""

import segno
from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select

from desk.blueprint import bp
from desk.context import service, settings
from desk.security import practice_allowed, safe_next
from desk.viewer import find_viewer, half_way, hold
from helpline import accounts, sign_in
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.errors import Conflict, NotFound
from helpline.models import Worker
from helpline.models.accounts import AccountSession, Role, Step

ROLES_WITHOUT_WORKER = (Role.EDITOR, Role.APPROVER, Role.ADMIN)


@bp.get("/sign-in")
def sign_in_page() -> ResponseReturnValue:
    """Show the ways in."""
    if find_viewer() is not None:
        return redirect(safe_next(request.args.get("next")), 303)
    return _sign_in_form(status=200)


@bp.post("/sign-in")
def sign_in_post() -> ResponseReturnValue:
    """Check e-mail and password; go on to the code."""
    email = request.form.get("email", "")
    address = request.remote_addr or ""
    try:
        with transaction() as session:
            token = sign_in.with_password(
                session,
                service().book,
                email=email,
                password=request.form.get("password", ""),
                address=address,
                now=utcnow(),
            )
    except sign_in.TooManyTries:
        return _sign_in_form(status=429, problem="too_many")
    except sign_in.Refused:
        _remember_failure(email, address)
        return _sign_in_form(status=422, problem="refused")
    return hold(_go("desk.code_page"), token)


@bp.get("/sign-in/code")
def code_page() -> ResponseReturnValue:
    """Ask for the one-time code; the first time, show how to set it up."""
    return _code_form(half_way(), status=200)


@bp.post("/sign-in/code")
def code_post() -> ResponseReturnValue:
    """Check the code, or a recovery code, and let them in."""
    address = request.remote_addr or ""
    now = utcnow()
    given = half_way()
    codes: list[str] = []
    try:
        with transaction() as session:
            half = session.get_one(AccountSession, given.id, with_for_update=True)
            if half.ended_at is not None:
                return _go("desk.sign_in_page")
            first_time = half.step is Step.ENROL
            token = sign_in.with_code(
                session,
                service().book,
                half,
                code=request.form.get("code", ""),
                address=address,
                now=now,
            )
            if first_time:
                codes = accounts.new_recovery_codes(session, service().book, half.account)
    except sign_in.TooManyTries:
        return _code_form(given, status=429, problem="too_many")
    except sign_in.Refused:
        _remember_failure(given.account.email, address)
        return _code_form(given, status=422, problem="refused")
    onward = safe_next(request.form.get("next"))
    if codes:
        page = render_template("desk/recovery.html", codes=codes, onward=onward)
        return hold(make_response(page), token)
    return hold(make_response(redirect(onward, 303)), token)


@bp.get("/join/<token>")
def join_page(token: str) -> ResponseReturnValue:
    """Show an invitation."""
    return _join_form(token, status=200)


@bp.post("/join/<token>")
def join_post(token: str) -> ResponseReturnValue:
    """Make the account and go on to setting up the one-time code."""
    password = request.form.get("password", "")
    now = utcnow()
    try:
        with transaction() as session:
            account = accounts.join(session, service().book, token, password, now)
            email = account.email
        with transaction() as session:
            half = sign_in.with_password(
                session,
                service().book,
                email=email,
                password=password,
                address=request.remote_addr or "",
                now=now,
            )
    except accounts.WeakPassword as reason:
        return _join_form(token, status=422, problem=str(reason))
    except Conflict as reason:
        return _join_form(token, status=409, problem=f"Not done: {reason}.")
    return hold(_go("desk.code_page"), half)


@bp.post("/practice")
def practice_post() -> ResponseReturnValue:
    """Sign in as a practice worker or role. Only in practice mode and on this machine."""
    who = request.form.get("who", "")
    with transaction() as session:
        token = sign_in.practice(session, _practice_person(session, who), utcnow())
    return hold(make_response(redirect(safe_next(request.form.get("next")), 303)), token)


def _practice_person(session, who: str) -> Worker | Role:  # noqa: ANN001 - a Session
    if who.isascii() and who.isdigit():
        worker = session.get(Worker, int(who))
        if worker is not None and worker.practice and worker.active:
            return worker
    elif who in {role.value for role in ROLES_WITHOUT_WORKER}:
        return Role(who)
    raise NotFound("no such practice worker")


def _sign_in_form(*, status: int, problem: str = "") -> Response:
    workers = []
    if practice_allowed():
        with transaction() as session:
            workers = list(
                session.scalars(
                    select(Worker).where(Worker.practice, Worker.active).order_by(Worker.id)
                )
            )
    page = render_template(
        "desk/sign_in.html",
        problem=problem,
        email=request.form.get("email", ""),
        next=request.values.get("next", ""),
        kept=request.args.get("kept") == "yes",
        workers=workers,
        roles=ROLES_WITHOUT_WORKER if workers else (),
        oidc=settings().oidc_name if settings().oidc_issuer else "",
    )
    return make_response(page, status)


def _code_form(half: AccountSession, *, status: int, problem: str = "") -> Response:
    account, book = half.account, service().book
    enrol = half.step is Step.ENROL
    uri = accounts.provisioning_uri(book, account) if enrol else ""
    page = render_template(
        "desk/code.html",
        enrol=enrol,
        problem=problem,
        next=request.values.get("next", ""),
        secret=accounts.totp_secret(book, account) if enrol else "",
        qr=_qr(uri) if enrol else "",
    )
    return make_response(page, status)


def _qr(uri: str) -> Markup:
    """Return a QR code as inline SVG: black on white in any colour scheme, as cameras need it."""
    svg = segno.make(uri, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", title="QR code for your authenticator app"
    )
    return Markup(svg)  # noqa: S704 - made here from our own address, escaped by segno


def _join_form(token: str, *, status: int, problem: str = "") -> Response:
    with transaction() as session:
        invitation = accounts.open_invitation(session, token, utcnow())
        page = render_template(
            "desk/join.html", invitation=invitation, token=token, problem=problem
        )
    return make_response(page, status)


def _remember_failure(email: str, address: str) -> None:
    with transaction() as session:
        sign_in.remember_failure(
            session, service().book, email=email, address=address, now=utcnow()
        )


def _go(endpoint: str) -> Response:
    onward = request.form.get("next") or None
    return make_response(redirect(url_for(endpoint, next=onward), 303))
