"""Sign-in through the organisation's own provider (OpenID Connect), by Authlib.

The provider sends the browser back with a GET, which may write nothing here; so the page it comes
to has one button, and the post behind it does the work.
"""

import logging

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, current_app, make_response, redirect, render_template, url_for
from flask import request as flask_request
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from requests import RequestException

from desk.blueprint import bp
from desk.context import settings
from desk.viewer import hold
from helpline import accounts, sign_in
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.errors import TransientFailure

NAME = "organisation"

log = logging.getLogger(__name__)


def install_oidc(app: Flask) -> None:
    """Register the provider named by the settings, if there is one."""
    own = app.extensions["settings"]
    oauth = OAuth(app)
    app.extensions["desk_oidc"] = oauth
    if own.oidc_issuer:
        oauth.register(
            NAME,
            client_id=own.oidc_client_id,
            client_secret=own.oidc_client_secret.get_secret_value(),
            server_metadata_url=f"{own.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email",
                "code_challenge_method": "S256",
                "timeout": 5,
            },
        )


@bp.get("/oidc")
def oidc_start() -> ResponseReturnValue:
    """Send the browser to the provider."""
    try:
        response: ResponseReturnValue = _client().authorize_redirect(_return_address())
    except RequestException as error:
        raise TransientFailure("oidc: provider not reached") from error
    return response


@bp.get("/oidc/back")
def oidc_back() -> ResponseReturnValue:
    """Where the provider sends the browser: one button, because a GET writes nothing."""
    _client()
    given = {name: flask_request.args.get(name, "") for name in ("code", "state", "error")}
    if given["error"] or not given["code"]:
        return make_response(render_template("desk/oidc_refused.html"), 403)
    return render_template("desk/oidc_back.html", given=given)


@bp.post("/oidc/finish")
def oidc_finish() -> ResponseReturnValue:
    """Check what the provider says with the provider, and let a known account in."""
    try:
        token = _client().authorize_access_token()
    except (OAuthError, JoseError):
        return _refuse("token refused")
    except RequestException as error:
        raise TransientFailure("oidc: provider not reached") from error
    claims = token.get("userinfo") or {}
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        return _refuse("no checked e-mail")
    now = utcnow()
    with transaction() as session:
        account = accounts.find_or_join(session, claims["email"], now)
        if account is None or not account.active:
            return _refuse("no account")
        key = sign_in.as_account(session, account, now)
    return hold(make_response(redirect(url_for("desk.home"), 303)), key)


def _refuse(reason: str) -> ResponseReturnValue:
    log.warning("oidc sign-in refused", extra={"reason": reason.replace(" ", "_")})
    return make_response(render_template("desk/oidc_refused.html"), 403)


def _client():  # noqa: ANN202 - Authlib's own class
    if not settings().oidc_issuer:
        abort(404)
    return current_app.extensions["desk_oidc"].create_client(NAME)


def _return_address() -> str:
    base = settings().public_base_url.rstrip("/")
    if base:
        return base + url_for("desk.oidc_back")
    return url_for("desk.oidc_back", _external=True)
