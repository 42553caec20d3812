"""Sign-in through an organisation's own provider, with a provider that runs here."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from sqlalchemy import Connection, select
from werkzeug.serving import make_server

from app import create_app
from helpline import accounts
from helpline.clock import utcnow
from helpline.db import configure
from helpline.models.accounts import Account, Role


@dataclass
class Provider:
    """An OpenID Connect provider: discovery, keys, tokens. It vouches for `claims`."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    claims: dict[str, Any] = field(default_factory=dict)
    nonce: str = ""
    url: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    signing_key: RSAKey = field(init=False)

    def __post_init__(self) -> None:
        """Sign with the published key, as an honest provider does."""
        self.signing_key = self.key

    def app(self) -> Flask:
        """Return it as an application."""
        app = Flask("provider")

        @app.get("/.well-known/openid-configuration")
        def discovery() -> Any:
            return jsonify(
                issuer=self.url,
                authorization_endpoint=f"{self.url}/authorize",
                token_endpoint=f"{self.url}/token",
                jwks_uri=f"{self.url}/keys",
                id_token_signing_alg_values_supported=["RS256"],
            )

        @app.get("/keys")
        def keys() -> Any:
            return jsonify(keys=[self.key.as_dict(private=False)])

        @app.post("/token")
        def token() -> Any:
            self.asked = request.form.to_dict()
            now = int(time.time())
            claims = {
                "iss": self.url,
                "aud": "desk",
                "sub": "1",
                "iat": now,
                "exp": now + 60,
                "nonce": self.nonce,
                **self.claims,
            }
            signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signing_key)
            return jsonify(access_token="a", token_type="Bearer", id_token=signed)

        return app


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """The provider on a port of its own."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def provider(running: Provider) -> Provider:
    """The provider, vouching for Mair."""
    running.claims = {"email": "mair@example.org", "email_verified": True}
    return running


@pytest.fixture(scope="module")
def oidc_app(engine, settings, running: Provider) -> Any:
    """The application of an organisation that has a provider."""
    return create_app(
        settings.model_copy(
            update={
                "oidc_issuer": running.url,
                "oidc_client_id": "desk",
                "oidc_client_secret": SecretStr("for tests only"),
                "oidc_name": "Example Trust",
            }
        )
    )


@pytest.fixture
def app(oidc_app, connection: Connection) -> Any:
    """That application on this test's connection."""
    configure(connection)
    return oidc_app


@pytest.fixture
def through(provider: Provider, visitor):
    """Go to the provider and back, and press the one button; return the last answer."""

    def go(**back: str) -> tuple[Any, Any]:
        staff = visitor()
        away = staff.get("/desk/oidc")
        asked = dict(parse_qsl(urlsplit(away.location).query))
        provider.nonce = asked["nonce"]
        query = {"code": "c0de", "state": asked["state"], **back}
        page = staff.open(f"/desk/oidc/back?code={query['code']}&state={query['state']}")
        form = page.hidden("/desk/oidc/finish")
        return staff, staff.client.post("/desk/oidc/finish", data={"csrf_token": page.csrf, **form})

    return go


def test_an_invited_address_comes_in(through, session, provider):
    """The provider vouches, the invitation names the role, and PKCE was used."""
    accounts.invite(
        session, name="Mair", email="mair@example.org", role=Role.LEAD, by=None, now=utcnow()
    )
    session.commit()
    staff, answer = through()

    assert answer.status_code == 303
    assert staff.open("/desk/me").heading == "Mair"
    assert session.scalar(select(Account.role).where(Account.email == "mair@example.org")) == "lead"
    assert provider.asked["code_verifier"]


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@example.org", "email_verified": True},
        {"email": "mair@example.org", "email_verified": False},
        {"email": "mair@example.org"},
        {"email": "mair@example.org", "email_verified": True, "aud": "another desk"},
        {"email": "mair@example.org", "email_verified": True, "nonce": "another"},
        {"email": "mair@example.org", "email_verified": True, "iss": "https://evil.example"},
        {"email": "mair@example.org", "email_verified": True, "exp": 1},
    ],
    ids=["unknown", "unchecked", "silent", "audience", "nonce", "issuer", "expired"],
)
def test_nobody_else_does(through, session, provider, claims):
    """Unknown or unchecked addresses, and tokens that are not for us, now, from them."""
    accounts.invite(
        session, name="Mair", email="mair@example.org", role=Role.LEAD, by=None, now=utcnow()
    )
    session.commit()
    provider.claims = claims
    staff, answer = through()

    assert answer.status_code == 403
    assert staff.get("/desk/me").status_code == 303


def test_a_state_that_is_not_ours_is_refused(through, session):
    """Somebody else's answer cannot be slipped under a worker's browser."""
    _, answer = through(state="forged")

    assert answer.status_code == 403


def test_someone_kept_out_stays_out(through, session):
    """Whatever their organisation says."""
    accounts.invite(
        session, name="Mair", email="mair@example.org", role=Role.LEAD, by=None, now=utcnow()
    )
    account = accounts.find_or_join(session, "mair@example.org", utcnow())
    accounts.set_active(session, account, None, active=False)
    session.commit()
    _, answer = through()

    assert answer.status_code == 403


def test_a_token_signed_by_another_key_is_refused(through, session, provider):
    """The signature is checked with the provider's published keys."""
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    try:
        _, answer = through()
    finally:
        provider.signing_key = provider.key

    assert answer.status_code == 403


def test_a_refusal_by_the_provider_is_said(visitor, provider):
    """And nothing is stored."""
    page = visitor().open("/desk/oidc/back?error=access_denied", status=403)

    assert page.heading == "Not signed in"
