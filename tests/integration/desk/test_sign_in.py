"""Two steps, invitations, sessions that end, limits, and the practice door."""

import re

import pyotp
import pytest
from sqlalchemy import select

from helpline import accounts
from helpline.clock import utcnow
from helpline.models import AuditEntry, Worker
from helpline.models.accounts import Account, AccountSession, Role

SIGN_IN = "/desk/sign-in"
CODE = "/desk/sign-in/code"


def test_an_invitation_becomes_an_account_with_a_second_step(visitor, session, service):
    """Link, password, authenticator, recovery codes, desk; and the link is used up."""
    invited = accounts.invite(
        session, name="Ann Reed", email="Ann@Example.org", role=Role.WORKER, by=None, now=utcnow()
    )
    session.commit()
    link = f"/desk/join/{invited.token}"
    ann = visitor()

    assert ann.open(link).heading == "Welcome, Ann Reed"
    page = ann.press(link, at=link, password="three blue bicycles sing")
    assert page.heading == "Set up your second step"
    secret = page.texts(".//code[@class='key']")[0]
    assert page.html.count("<svg") == 2  # our mark and the QR code
    page = ann.press(CODE, at=CODE, code=pyotp.TOTP(secret).at(utcnow()))
    codes = page.texts(".//ul[@class='codes']/li")

    assert page.heading == "Your recovery codes"
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[a-z2-9]{5}-[a-z2-9]{5}", code) for code in codes)
    assert ann.open("/desk/me").heading == "Ann Reed"
    assert visitor().open(link, status=404)
    account = session.scalar(select(Account).where(Account.email == "ann@example.org"))
    assert account.worker.name == "Ann Reed"
    assert account.password_hash.startswith("$argon2id$")
    assert secret not in account.totp_encrypted


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "at least 12"),
        ("ann.reed is my name", "your own name"),
        ("ababababababab", "more different"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(visitor, session, password, reason):
    """In place, with the invitation still good."""
    invited = accounts.invite(
        session, name="Reed Ann", email="x@example.org", role=Role.EDITOR, by=None, now=utcnow()
    )
    session.commit()
    link = f"/desk/join/{invited.token}"
    page = visitor().press(link, at=link, status=422, password=password)

    assert reason in page.text


def test_an_invitation_ends_after_seven_days(visitor, session, travel):
    """An old e-mail opens nothing."""
    invited = accounts.invite(
        session, name="Late", email="late@example.org", role=Role.LEAD, by=None, now=utcnow()
    )
    session.commit()
    travel(days=7, seconds=1)

    assert visitor().open(f"/desk/join/{invited.token}", status=404)


def test_password_and_code_open_the_desk(join, sign_in):
    """And the page that was asked for first is where they land."""
    staff = sign_in(join())

    assert staff.open("/desk/me").heading == "Mair Evans"


def test_after_signing_in_the_page_asked_for_is_shown(visitor, join):
    """`next` leads back inside the desk and nowhere else."""
    mair, staff = join(), visitor()
    first = staff.get("/desk/me?x=1")
    assert first.location == "/desk/sign-in?next=/desk/me?x%3D1"
    staff.post(SIGN_IN, email=mair.email, password=mair.password)
    done = staff.post(CODE, at=CODE, code=mair.code(), next="/desk/me?x=1")

    assert done.location == "/desk/me?x=1"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/desk/", "/\\evil", "/desk/\\evil", "/other"]
)
def test_signing_in_never_leads_to_another_site(visitor, join, target):
    """An open redirect would make the sign-in page a lure."""
    mair, staff = join(), visitor()
    staff.post(SIGN_IN, email=mair.email, password=mair.password)
    done = staff.post(CODE, at=CODE, code=mair.code(), next=target)

    assert done.location == "/desk/"


def test_the_password_alone_opens_nothing(visitor, join):
    """Half-way is not in."""
    mair, staff = join(), visitor()
    staff.post(SIGN_IN, email=mair.email, password=mair.password)

    assert staff.get("/desk/me").location.startswith(SIGN_IN)


def test_a_wrong_password_and_an_unknown_address_are_told_alike(visitor, join):
    """The page does not say who has an account."""
    mair = join()
    wrong = visitor().press(SIGN_IN, at=SIGN_IN, status=422, email=mair.email, password="no")
    unknown = visitor().press(SIGN_IN, at=SIGN_IN, status=422, email="a@b.example", password="no")

    assert wrong.texts(".//*[@id='problem']") == unknown.texts(".//*[@id='problem']") != []


def test_a_code_works_once(visitor, join, sign_in):
    """Someone who looks over a shoulder cannot use it again."""
    mair = join()
    code = mair.code()
    sign_in(mair)
    other = visitor()
    other.post(SIGN_IN, email=mair.email, password=mair.password)

    assert other.post(CODE, at=CODE, code=code).status_code == 422


def test_a_recovery_code_works_once(visitor, join):
    """However it is typed."""
    mair = join()
    typed = mair.recovery[0].upper().replace("-", " ")
    statuses = []
    for _ in range(2):
        staff = visitor()
        staff.post(SIGN_IN, email=mair.email, password=mair.password)
        statuses.append(staff.post(CODE, at=CODE, code=typed).status_code)

    assert statuses == [303, 422]


def test_guessing_is_stopped_for_that_account_and_address_only(visitor, join):
    """Five wrong tries; the right password waits too; a colleague here and she elsewhere do not."""
    mair, owen = join(), join("Owen Hughes")
    guesser = visitor()
    for _ in range(5):
        guesser.post(SIGN_IN, email=mair.email, password="wrong")
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    fields = {"email": mair.email, "password": mair.password}
    her_own = visitor()
    page = her_own.open(SIGN_IN)

    assert guesser.post(SIGN_IN, **fields).status_code == 429
    assert visitor().post(SIGN_IN, email=owen.email, password=owen.password).status_code == 303
    own = her_own.client.post(
        SIGN_IN, data={"csrf_token": page.csrf, **fields}, environ_overrides=elsewhere
    )
    assert own.status_code == 303


def test_guessing_may_go_on_after_a_quarter_of_an_hour(visitor, join, travel):
    """Nobody is locked out for a night."""
    mair = join()
    for _ in range(5):
        visitor().post(SIGN_IN, email=mair.email, password="wrong")
    travel(minutes=15, seconds=1)

    assert visitor().post(SIGN_IN, email=mair.email, password=mair.password).status_code == 303


def test_codes_are_limited_as_passwords_are(visitor, join):
    """A million codes would be guessed in a night."""
    mair, staff = join(), visitor()
    staff.post(SIGN_IN, email=mair.email, password=mair.password)
    statuses = [staff.post(CODE, at=CODE, code="000000").status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]


@pytest.mark.parametrize("ahead", [{"minutes": 61}, {"hours": 13}])
def test_a_session_ends_by_itself(join, sign_in, travel, ahead):
    """After an idle hour, and after twelve in any case."""
    staff = sign_in(join())
    if "hours" in ahead:
        for _ in range(13):
            travel(minutes=59)
            staff.get("/desk/me")
    travel(**ahead if "minutes" in ahead else {"seconds": 1})

    assert staff.get("/desk/me").location.startswith(SIGN_IN)


def test_signing_out_ends_the_session_on_the_server(join, sign_in, session):
    """A copied cookie opens nothing afterwards."""
    staff = sign_in(join())
    key = staff.client.get_cookie("desk", path="/desk").value
    staff.post("/desk/sign-out", at="/desk/me")
    staff.client.set_cookie("desk", key, path="/desk")

    assert staff.get("/desk/me").location.startswith(SIGN_IN)
    assert "signed_out" in session.scalars(select(AuditEntry.action)).all()


def test_the_cookies_are_for_the_desk_alone(visitor, join):
    """HttpOnly, Lax, gone with the visitor, and no token in the database."""
    mair, staff = join(), visitor()
    response = staff.post(SIGN_IN, email=mair.email, password=mair.password)
    cookies = response.headers.getlist("Set-Cookie")

    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/desk" in cookie
        assert "Expires" not in cookie


def test_a_new_password_signs_other_browsers_out(join, sign_in, travel):
    """Whoever had the old one is out."""
    mair = join()
    here = sign_in(mair)
    travel(minutes=2)
    there = sign_in(mair)
    here.press("/desk/me/password", current=mair.password, password="a better one for this winter")

    assert here.open("/desk/me").heading == "Mair Evans"
    assert there.get("/desk/me").location.startswith(SIGN_IN)


def test_an_admin_invites_keeps_out_and_lets_in(practice, join, sign_in, visitor):
    """The link is shown once; kept out means out at once."""
    admin, mair = practice("admin"), join()
    staff = sign_in(mair)
    page = admin.press("/desk/people/invite", name="Lou", email="lou@example.org", role="editor")
    link = page.texts(".//code[@class='key']")[0]
    assert visitor().open(link.split("localhost")[1]).heading == "Welcome, Lou"
    assert link not in admin.open("/desk/people").html
    number = re.search(r"/desk/people/(\d+)/deactivate.*?Keep Mair", page.html, re.DOTALL)
    urls = re.findall(r"/desk/people/(\d+)/deactivate", page.html)
    assert number
    target = [n for n in urls if f"{n}/deactivate" in number.group(0)][-1]
    admin.press(f"/desk/people/{target}/deactivate")

    assert staff.get("/desk/me").location.startswith(SIGN_IN)
    assert visitor().post(SIGN_IN, email=mair.email, password=mair.password).status_code == 422
    admin.press(f"/desk/people/{target}/activate")
    assert visitor().post(SIGN_IN, email=mair.email, password=mair.password).status_code == 303


def test_practice_sign_in_is_for_this_machine_and_practice_mode(visitor, app, session):
    """Not over the network, not through a proxy, not under another name, not in live mode."""
    worker = session.scalar(select(Worker).where(Worker.practice).limit(1))
    staff = visitor()
    token = staff.open(SIGN_IN).csrf

    def knock(**how):
        data = {"csrf_token": token, "who": worker.id}
        return staff.client.post("/desk/practice", data=data, **how).status_code

    assert knock(environ_overrides={"REMOTE_ADDR": "192.0.2.7"}) == 403
    assert knock(headers={"X-Forwarded-For": "192.0.2.7"}) == 403
    assert knock(headers={"Host": "helpline.example"}) == 403
    practice_settings = app.extensions["settings"]
    live = practice_settings.model_copy(
        update={"twilio_account_sid": "AC1", "twilio_auth_token": practice_settings.secret_key}
    )
    app.extensions["settings"] = live
    try:
        assert knock() == 403
        assert "Practice sign-in" not in staff.open(SIGN_IN).html
    finally:
        app.extensions["settings"] = practice_settings
    assert knock() == 303


def test_sign_in_is_in_the_trail(join, sign_in, session):
    """Who came in, and when; no address, no e-mail."""
    sign_in(join())
    entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "signed_in"))

    assert entry.actor.startswith("worker:")
    assert "example.org" not in str(entry.details)
    tokens = session.scalars(select(AccountSession.token_hash)).all()
    assert all(re.fullmatch(r"[0-9a-f]{64}", token) for token in tokens)
