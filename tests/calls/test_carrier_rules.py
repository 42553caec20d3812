"""What the carrier may do to us: repeat, hurry, come late, give up. And what we ask of it."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from app.twilio_commands import fallback_documents
from helpline.db import transaction
from helpline.enums import AlertStatus, AlertWay, Sender, Severity
from helpline.line_states import CallStatus, DialStatus
from helpline.models import Alert, Call, CallEvent, Contact, Conversation, Dial, Handover, Message
from telephony import setup
from telephony.carrier import make_client
from telephony.practice.legs import Waits
from telephony.practice.webhooks import Webhooks
from telephony.signature import SIGNATURE
from tests.calls.conftest import World
from tests.calls.twiml_rules import faults

NAMES = ("alpha", "bravo", "charlie", "delta")
GOODBYE = "my brother said goodbye to me and gave his stuff away, hes in wandsworth"


def post(world: World, path: str, form: dict[str, str]) -> httpx.Response:
    """Send what Twilio would send."""
    account = world.carrier.account
    form = {"AccountSid": account.sid, **form}
    url = account.public_base + path
    signature = RequestValidator(account.token).compute_signature(url, form)
    return httpx.post(url, data=form, headers={SIGNATURE: signature}, trust_env=False, timeout=30)


def at_once(number: int, action) -> list[httpx.Response]:
    """Do something from several threads at the same moment."""
    found, ready = [], threading.Barrier(number)

    def one(place: int) -> None:
        ready.wait()
        found.append(action(place))

    threads = [threading.Thread(target=one, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def heard_from(number: str, world: World) -> list[Message]:
    """What is stored of this family's texts, in order."""
    with transaction() as session:
        fingerprint = world.service.book.fingerprint(number)
        return list(
            session.scalars(
                select(Message)
                .join(Message.conversation)
                .join(Conversation.contact)
                .where(Contact.address_hmac == fingerprint, Message.sender == Sender.FAMILY)
                .order_by(Message.id)
            )
        )


def test_a_text_repeated_at_the_same_moment_is_one_text(world) -> None:
    """Eight times the same sid from eight connections: one message, one answer."""
    number = world.number()
    form = {"From": number, "MessageSid": f"SM-{number}", "Body": "can they tell me"}
    answers = at_once(8, lambda _: post(world, "/telephony/sms", form))
    world.until(lambda: "answer about" in " ".join(world.carrier.exchange.texts_to(number)))

    assert {answer.status_code for answer in answers} == {200}
    assert len(heard_from(number, world)) == 1
    assert len(world.carrier.exchange.texts_to(number)) == 2


def test_two_first_texts_at_once_share_a_conversation_and_keep_their_order(world) -> None:
    """Nobody is taken for two people, and the answers come one after the other."""
    number = world.number()

    def send(place: int) -> httpx.Response:
        form = {
            "From": number,
            "MessageSid": f"SM-{number}-{place}",
            "Body": f"number {NAMES[place]}",
        }
        return post(world, "/telephony/sms", form)

    at_once(4, send)
    heard = heard_from(number, world)
    assert len({message.conversation_id for message in heard}) == 1
    asked = [message.text for message in heard]
    world.until(lambda: len(world.carrier.exchange.texts_to(number)) == 5)

    said = [t for t in world.carrier.exchange.texts_to(number) if "answer about" in t]
    said = [words.split("\n")[0] for words in said]
    assert said == [f"Here is the answer about {words}." for words in asked]


def test_a_recorded_request_sent_again_changes_nothing(world) -> None:
    """A replay carries a signature that holds; the sid has been seen."""
    number = world.number()
    form = {"From": number, "MessageSid": f"SM-{number}", "Body": GOODBYE}
    for _ in range(12):
        assert post(world, "/telephony/sms", form).status_code == 200

    with transaction() as session:
        (message,) = heard_from(number, world)
        handovers = session.scalar(
            select(func.count()).where(Handover.conversation_id == message.conversation_id)
        )
    assert handovers == 1


def test_a_step_of_a_call_repeated_is_heard_once_and_answered_the_same(world) -> None:
    """The carrier asks for the same document twice: the same document."""
    leg = world.carrier.exchange.ring_in(world.number())
    form = {"CallSid": leg.sid, "From": leg.caller, "To": leg.called,
            "SpeechResult": "can they tell me", "Confidence": "0.9"}  # fmt: skip
    path = "/telephony/voice/turn?after=1&step=1&miss=0"
    first = at_once(3, lambda _: post(world, path, form))

    def settled() -> str | None:
        text = post(world, path, form).text
        return text if "answer about" in text else None

    answer = world.until(settled)
    with transaction() as session:
        call = session.scalar(select(Call).where(Call.sid == leg.sid))
        heard = session.scalars(
            select(Message).where(
                Message.conversation_id == call.conversation_id, Message.sender == Sender.FAMILY
            )
        ).all()
    assert {answer.status_code for answer in first} == {200}
    assert len(heard) == 1
    assert post(world, path, form).text == answer


def test_two_workers_press_the_key_at_the_same_moment(world) -> None:
    """One has the call; the other is told that it is taken."""
    world.staff("all")
    exchange = world.carrier.exchange
    object.__setattr__(world.service.settings, "ring_all_at_once", True)
    object.__setattr__(world.settings, "ring_all_at_once", True)
    try:
        before = set(exchange.legs)
        family = exchange.ring_in(world.number())
        exchange.press(family, "1")

        def ringing():
            legs = [leg for sid, leg in list(exchange.legs.items()) if sid not in before]
            out = [leg for leg in legs if leg.direction == "outbound-api"]
            return out if len(out) == 3 and all(leg.waits is Waits.PICK_UP for leg in out) else None

        workers = world.until(ringing)
        for worker in workers[:2]:
            exchange.answer(worker)
        at_once(2, lambda place: exchange.press(workers[place], "1"))
    finally:
        object.__setattr__(world.service.settings, "ring_all_at_once", False)
        object.__setattr__(world.settings, "ring_all_at_once", False)
    world.until(lambda: family.waits is Waits.TALK or exchange.silence(family))
    world.until(lambda: workers[2].status == "canceled")
    said = [" ".join(line.words for line in worker.heard) for worker in workers[:2]]
    with transaction() as session:
        call = session.scalar(select(Call).where(Call.sid == family.sid))
        statuses = session.scalars(select(Dial.status).where(Dial.call_id == call.id)).all()
    assert sorted("Somebody else has taken" in words for words in said) == [False, True]
    assert sorted(statuses) == [DialStatus.ACCEPTED, DialStatus.TAKEN, DialStatus.TAKEN]
    exchange.hang_up(family)


def test_every_event_is_kept_once_whatever_order_it_comes_in(world) -> None:
    """Late, twice and backwards: the trail has each, and the call stays where it is."""
    exchange = world.carrier.exchange
    exchange.held = []
    try:
        leg = exchange.ring_in(world.number())
        exchange.hang_up(leg)
        held = [item for item in exchange.held if leg.sid in item[1].values()]
    finally:
        exchange.held = None
    for url, parameters in [*reversed(held), *held]:
        exchange.webhooks.ask(url, parameters)
    path = "/telephony/voice/status"
    post(world, path, {"CallSid": leg.sid, "CallStatus": "in-progress", "SequenceNumber": "7"})

    with transaction() as session:
        call = session.scalar(select(Call).where(Call.sid == leg.sid))
        events = session.scalars(select(CallEvent.event).where(CallEvent.leg_sid == leg.sid)).all()
    assert call.status is CallStatus.ENDED
    assert sorted(events) == ["call_completed", "call_in-progress"]


def test_an_unknown_call_hears_what_to_do(world) -> None:
    """Never silence, and never an error read out."""
    answer = post(world, "/telephony/voice/turn?after=1&step=1", {"CallSid": "CA-unknown"})

    assert answer.status_code == 200
    assert "9 9 9" in answer.text
    assert faults(answer.text) == []


def test_an_alert_by_telephone_is_acknowledged_by_a_key(world) -> None:
    """The ladder's own call: what it says, and what the key does."""
    key = alert_about(world, AlertWay.CALL)
    sid = {"CallSid": f"CA-{key}"}
    said = post(world, f"/telephony/worker/alert?key={key}", sid)
    thanks = post(world, f"/telephony/worker/alert-key?key={key}", {**sid, "Digits": "1"})

    assert faults(said.text) == []
    assert "Press 1" in said.text
    assert "You have it now" in thanks.text
    with transaction() as session:
        alert = session.scalar(select(Alert).where(Alert.key == key))
        assert session.get(Handover, alert.handover_id).acknowledged_at is not None


def test_an_alert_by_telephone_that_nobody_takes_has_failed(world) -> None:
    """Busy, not answered, or answered without a key."""
    key = alert_about(world, AlertWay.CALL)
    form = {"CallSid": f"CA-{key}", "CallStatus": "no-answer"}
    assert post(world, f"/telephony/worker/status?key={key}", form).status_code == 204

    with transaction() as session:
        assert session.scalar(select(Alert.status).where(Alert.key == key)) is AlertStatus.FAILED


def test_a_worker_who_texts_back_has_it(world) -> None:
    """Their text is an answer to an alert and no family's message."""
    key = alert_about(world, AlertWay.TEXT)
    with transaction() as session:
        alert = session.scalar(select(Alert).where(Alert.key == key))
        worker_number = world.service.book.open(alert.worker.phone_encrypted)
        handover_id = alert.handover_id
    world.carrier.exchange.text_in(worker_number, f"YES {handover_id}")

    with transaction() as session:
        assert session.get(Handover, handover_id).acknowledged_at is not None
    assert heard_from(worker_number, world) == []


def alert_about(world: World, way: AlertWay) -> str:
    """Have a family in danger text, and return the key of an alert about it, sent `way`."""
    world.staff("all")
    number = world.number()
    world.carrier.exchange.text_in(number, GOODBYE)
    (message,) = heard_from(number, world)

    def alert() -> Alert | None:
        with transaction() as session:
            return session.scalar(
                select(Alert)
                .join(Alert.handover)
                .where(
                    Handover.conversation_id == message.conversation_id,
                    Alert.way != AlertWay.DESK,
                    Alert.status == AlertStatus.DELIVERED,
                )
            )

    found = world.until(alert)
    with transaction() as session:
        own = session.get(Alert, found.id)
        assert session.get(Handover, own.handover_id).severity is Severity.IMMEDIATE
        own.way, own.status = way, AlertStatus.SENT
    return found.key


@pytest.fixture
def slow_host() -> Iterator[str]:
    """A host that answers too late on /late, and at once on /static."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.path == "/late":
                time.sleep(1.0)
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(BrokenPipeError):  # nobody waited for it
                self.wfile.write(b"<Response><Say>the static words</Say></Response>")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_what_is_late_or_broken_goes_to_the_fallback(world, slow_host) -> None:
    """As the carrier does after 15 seconds (one tenth of one here), and for an error of ours."""
    with httpx.Client(trust_env=False) as client:
        webhooks = Webhooks(world.carrier.account, client, seconds=0.1)
        late = webhooks.ask(f"{slow_host}/late", {}, f"{slow_host}/static")
        refused = Webhooks(world.carrier.account, client).ask(
            f"{world.carrier.account.public_base}/telephony/nowhere", {}, f"{slow_host}/static"
        )
    assert (late.fallback, refused.fallback) == (True, True)
    assert "the static words" in late.body


def test_the_fallback_documents_are_those_of_the_guide(world, project_root) -> None:
    """They need nothing of ours, and stand in the repository as the command writes them."""
    for name, content in fallback_documents(world.settings).items():
        stored = (project_root / "guide_content" / "fallback" / name).read_text(encoding="utf-8")
        assert stored.strip() == content
        assert faults(stored.strip()) == []
        assert "999" in stored.replace(" ", "")
        assert "action" not in stored


def test_setting_up_the_number_shows_and_makes_the_changes(world) -> None:
    """What is there already is left alone; a second run has nothing to change."""
    account = replace(world.carrier.account, public_base="https://helpline.example")
    settings = world.settings.model_copy(
        update={"voice_fallback_url": "https://static.example/voice.xml"}
    )
    known = replace(world.carrier.exchange.numbers[account.number])
    try:
        number = setup.find_number(make_client(account), account)
        changes = setup.plan(number, setup.addresses(account, settings))
        assert {change.name for change in changes} == {
            "voice_url", "voice_fallback_url", "sms_url", "status_callback",
        }  # fmt: skip
        setup.apply(number, changes)
        again = setup.find_number(make_client(account), account)
        assert setup.plan(again, setup.addresses(account, settings)) == []
        assert again.voice_url == "https://helpline.example/telephony/voice"
    finally:
        world.carrier.exchange.numbers[account.number] = known


def test_the_check_names_what_is_wrong(world) -> None:
    """A plain address, no fallback; and wrong credentials are said to be wrong."""
    account = world.carrier.account
    found = {f.what: f.fault for f in setup.check(make_client(account), account, world.settings)}
    assert "https" in found["public address"]
    assert found["this service answers there"] == ""
    assert found["credentials"] == ""
    assert "families hear nothing" in found["voice_fallback_url"]

    wrong = replace(account, token="wrong")
    found = {f.what: f.fault for f in setup.check(make_client(wrong), wrong, world.settings)}
    assert "20003" in found["credentials and number"]


def test_a_number_that_is_not_ours_is_said_to_be_missing(world) -> None:
    """In one plain sentence."""
    account = replace(world.carrier.account, number="+441632960961")
    with pytest.raises(setup.NumberNotFound, match="HELPLINE_PHONE_NUMBER"):
        setup.find_number(make_client(account), account)
