"""Staff in browsers without JavaScript, on this test's connection."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import html5lib
import pyotp
import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from helpline import accounts
from helpline.clock import utcnow
from helpline.db import configure
from helpline.models import Conversation, Handover, Worker
from helpline.models.accounts import Role
from helpline.service import Service
from web.limits import limiter

PASSWORD = "purple kettle window nine"
DANGER = "my brother said goodbye on the phone and gave his things away, hes in wandsworth"


@pytest.fixture
def app(one_app, connection: Connection) -> Iterator[Any]:
    """The application on this test's connection; the chat's own limits are not what is tested."""
    configure(connection)
    limiter.enabled = False
    yield one_app
    limiter.enabled = True


class Page:
    """A page whose HTML has no error (the WHATWG parser in strict mode says so)."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)

    def all(self, path: str) -> list[Any]:
        """Return the elements at an ElementPath."""
        return self.tree.findall(path)

    def texts(self, path: str) -> list[str]:
        """Return the text of each element at an ElementPath, with single spaces."""
        return [" ".join("".join(found.itertext()).split()) for found in self.all(path)]

    @property
    def heading(self) -> str:
        """The one h1."""
        (only,) = self.texts(".//h1")
        return only

    @property
    def text(self) -> str:
        """Everything in the main part, with single spaces."""
        return self.texts(".//main")[0]

    @property
    def csrf(self) -> str:
        """The token of the first form."""
        return self.all(".//input[@name='csrf_token']")[0].get("value")

    def hidden(self, action: str) -> dict[str, str]:
        """Return the hidden fields of the form that posts to `action`."""
        (fields,) = self._forms(action)
        return fields

    def hidden_first(self, action: str) -> dict[str, str]:
        """Return the hidden fields of the first of several forms that post to `action`."""
        return self._forms(action)[0]

    def _forms(self, action: str) -> list[dict[str, str]]:
        forms = [f for f in self.all(".//form") if f.get("action").split("?")[0] == action]
        return [
            {
                box.get("name"): box.get("value") or ""
                for box in form.iter("input")
                if box.get("type") == "hidden" and box.get("name") != "csrf_token"
            }
            for form in forms
        ]


@dataclass
class Staff:
    """One member of staff at the desk, in a browser of their own."""

    client: FlaskClient

    def open(self, path: str, status: int = 200) -> Page:
        """Open a page, following redirects, and return it."""
        response = self.client.get(path, follow_redirects=True)
        assert response.status_code == status, response.text
        return Page(response.text)

    def get(self, path: str) -> Any:
        """Ask for an address and return the bare response."""
        return self.client.get(path)

    def post(self, path: str, at: str = "", **fields: Any) -> Any:
        """Post a form with the token of the page `at`; return the bare response."""
        before = path.startswith(("/desk/sign-in", "/desk/practice"))
        at = at or ("/desk/sign-in" if before else "/desk/me")
        page = Page(self.client.get(at, follow_redirects=True).text)
        return self.client.post(path, data={"csrf_token": page.csrf, **fields})

    def press(self, path: str, at: str = "/desk/me", status: int = 200, **fields: Any) -> Page:
        """Post a form, follow the redirect, and return the page it leads to."""
        response = self.post(path, at, **fields)
        if response.status_code in {302, 303}:
            return self.open(response.location, status)
        assert response.status_code == status, response.text
        return Page(response.text)


@pytest.fixture
def visitor(app) -> Callable[[], Staff]:
    """Give a fresh browser."""
    return lambda: Staff(app.test_client())


@pytest.fixture
def practice(visitor, session: Session) -> Callable[[str], Staff]:
    """Sign in as a practice worker by first name ("Priya", "Rhian") or as a role ("admin")."""

    def enter(who: str) -> Staff:
        staff = visitor()
        worker = session.scalar(select(Worker).where(Worker.name.startswith(who)))
        response = staff.post("/desk/practice", who=worker.id if worker else who)
        assert response.status_code == 303, response.text
        return staff

    return enter


@dataclass
class Joined:
    """A member of staff with a real account, and their authenticator app."""

    email: str
    password: str
    app: pyotp.TOTP
    recovery: list[str]

    def code(self) -> str:
        """Return what the app shows now."""
        return self.app.at(utcnow())


@pytest.fixture
def join(session: Session, service: Service) -> Callable[..., Joined]:
    """Make a real account, its second step set up."""

    def make(name: str = "Mair Evans", role: Role = Role.WORKER) -> Joined:
        now = utcnow() - timedelta(minutes=5)
        email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
        invited = accounts.invite(session, name=name, email=email, role=role, by=None, now=now)
        account = accounts.join(session, service.book, invited.token, PASSWORD, now)
        account.totp_confirmed_at = now
        codes = accounts.new_recovery_codes(session, service.book, account)
        session.commit()
        secret = accounts.totp_secret(service.book, account)
        return Joined(email, PASSWORD, pyotp.TOTP(secret), codes)

    return make


@pytest.fixture
def sign_in(visitor) -> Callable[[Joined], Staff]:
    """Go through both steps."""

    def enter(who: Joined) -> Staff:
        staff = visitor()
        staff.press("/desk/sign-in", at="/desk/sign-in", email=who.email, password=who.password)
        page = staff.press("/desk/sign-in/code", at="/desk/sign-in/code", code=who.code())
        assert page.heading
        return staff

    return enter


@pytest.fixture
def travel():
    """Move the clock forward by what timedelta takes."""
    travellers = []

    def move(**ahead: float) -> None:
        traveller = time_machine.travel(utcnow() + timedelta(**ahead))
        traveller.start()
        travellers.append(traveller)

    yield move
    for traveller in reversed(travellers):
        traveller.stop()


@dataclass
class Family:
    """A family on the web chat, in the same database."""

    client: FlaskClient
    session: Session

    def say(self, text: str) -> "Family":
        """Write a message in the chat."""
        page = Page(self.client.get("/").text)
        fields = page.hidden("/messages")
        response = self.client.post("/messages", data={**fields, "text": text})
        assert response.status_code == 303, response.text
        return self

    def reads(self) -> str:
        """Return everything the family sees in its chat."""
        return Page(self.client.get("/").text).text

    @property
    def conversation(self) -> Conversation:
        """Their conversation, read afresh."""
        public_id = self.client.get_cookie("chat").value.partition(".")[0]
        self.session.expire_all()
        query = select(Conversation).where(Conversation.public_id == public_id)
        return self.session.scalars(query).one()

    @property
    def handover(self) -> Handover:
        """The newest handover of their conversation."""
        query = select(Handover).where(Handover.conversation_id == self.conversation.id)
        return self.session.scalars(query.order_by(Handover.id.desc())).first()

    @property
    def page(self) -> str:
        """Where the desk shows them."""
        return f"/desk/c/{self.conversation.public_id}"

    def at(self, action: str) -> str:
        """Where the desk acts on their handover."""
        return f"/desk/h/{self.handover.id}/{action}"


@pytest.fixture
def family(app, session: Session) -> Callable[[str], Family]:
    """Give a family that has just written."""

    def come(text: str = DANGER) -> Family:
        return Family(app.test_client(), session).say(text)

    return come
