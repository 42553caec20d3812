"""A test ring: a lead presses, the phone rings, a key proves that it works."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from helpline import proof_rings
from helpline.errors import PermanentFailure
from helpline.models import ProofRing, Worker

NUMBER = "07700 900321"


@dataclass
class Recorder:
    """A line that writes down whom it was to ring, or cannot."""

    dead: bool = False
    rung: list[tuple[str, str, str]] = field(default_factory=list)

    def ring(self, to, path, key, *, again=False, seconds=25):
        """See Switchboard.ring."""
        del again, seconds
        if self.dead:
            message = "21211"
            raise PermanentFailure(message)
        self.rung.append((to, path, key))
        return f"CA-{key}"


@pytest.fixture
def carrier_asks(app):
    """Post to our webhook as the carrier does, signed."""
    account = app.extensions["account"]
    client = app.test_client()

    def ask(path, key, **form):
        address = f"{path}?{urlencode({'key': key})}"
        fields = {"AccountSid": account.sid, "CallSid": "CA1", **form}
        validator = RequestValidator(account.token)
        signature = validator.compute_signature(account.public_base + address, fields)
        return client.post(address, data=fields, headers={"X-Twilio-Signature": signature})

    return ask


@pytest.fixture
def asked(practice, session):
    """Tom's number is kept, and a lead has asked for a test ring."""
    lead = practice("Rhian")
    tom = session.scalar(select(Worker.id).where(Worker.name.startswith("Tom")))
    assert "no phone number" in lead.press("/desk/rota/proof", status=422, worker=tom).text
    page = lead.press("/desk/rota/phone", worker=tom, number=NUMBER)
    assert "Tom (practice worker): ends 321, never tested" in page.text
    lead.press("/desk/rota/proof", worker=tom)
    ring_id = session.scalar(select(ProofRing.id).order_by(ProofRing.id.desc()))
    return lead, ring_id


def test_a_key_press_proves_the_phone(asked, service, carrier_asks):
    """Rung once, told that it is a test, proved; the page says when."""
    lead, ring_id = asked
    line = Recorder()
    proof_rings.ring(service, line, ring_id)
    ((to, path, key),) = line.rung
    assert to == "+447700900321"

    said = carrier_asks(path, key)
    assert "This is a test" in said.text
    assert "Thank you" in carrier_asks(f"{path}-key", key, Digits="1").text
    carrier_asks("/telephony/worker/status", key, CallStatus="completed")
    assert "ends 321, proved" in lead.open("/desk/rota").text


@pytest.mark.parametrize("ending", ["busy", "no-answer", "completed"])
def test_without_a_key_press_nothing_is_proved(asked, service, carrier_asks, ending):
    """A voicemail that picks up is no worker."""
    lead, ring_id = asked
    line = Recorder()
    proof_rings.ring(service, line, ring_id)
    carrier_asks("/telephony/worker/status", line.rung[0][2], CallStatus=ending)

    assert "ends 321, NOT reached" in lead.open("/desk/rota").text


def test_a_number_that_cannot_be_rung_is_red(asked, service):
    """The carrier's refusal is the answer."""
    lead, ring_id = asked
    proof_rings.ring(service, Recorder(dead=True), ring_id)

    assert "NOT reached" in lead.open("/desk/rota").text


def test_a_worker_sees_and_tests_their_own_phone_alone(asked, practice, session):
    """Whatever the form says."""
    priya = practice("Priya")
    tom = session.scalar(select(Worker.id).where(Worker.name.startswith("Tom")))
    page = priya.press("/desk/rota/phone", worker=tom, number="07700 900654")

    assert "Priya (practice worker): ends 654" in page.text
    assert "321" not in page.text
    priya.press("/desk/rota/proof", worker=tom)
    own = session.scalar(select(Worker.id).where(Worker.name.startswith("Priya")))
    newest = select(ProofRing.worker_id).order_by(ProofRing.id.desc())
    assert session.scalar(newest) == own


@pytest.mark.parametrize("number", ["", "12", "hello", "+1 212 555 0100"])
def test_what_is_no_number_to_ring_is_refused(practice, number):
    """Said in place."""
    page = practice("Tom").press("/desk/rota/phone", status=422, number=number)

    assert "no number in the UK" in page.text
