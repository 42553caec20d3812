"""The practice phone's page: staff play a family and a worker, on the code of real calls."""

import html5lib
import httpx
import pytest

from telephony.practice.legs import Leg, Waits
from telephony.practice.server import RING_SECONDS, Clock
from tests.calls.conftest import World

DAWN = "+447700900111"


@pytest.fixture
def page(world: World):
    """The page as a browser without JavaScript has it."""
    world.staff("all")
    base = world.carrier.account.public_base
    with httpx.Client(base_url=base, trust_env=False, follow_redirects=True, timeout=20) as client:
        yield client


def do(page: httpx.Client, what: str, value: str = "", sid: str = "", **more: str) -> str:
    """Send one of the page's forms and return the page that comes back."""
    form = {"what": what, "value": value, "sid": sid, "number": DAWN, "family": DAWN, **more}
    answer = page.post("/practice/phone/do", data=form)
    assert answer.status_code == 200, answer.text
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(answer.text)
    return answer.text


def live_leg(world: World, *, inbound: bool) -> Leg:
    """The newest live call of a family, or of a worker."""
    return [
        leg
        for leg in world.carrier.exchange.legs.values()
        if leg.is_live and (leg.direction == "inbound") is inbound
    ][-1]


def test_the_page_is_marked_as_practice(page) -> None:
    """Nobody takes it for the real thing."""
    text = page.get("/practice/phone/").text

    assert "Nothing reaches a real phone" in text
    assert "Dawn (practice family)" in text
    assert "Priya (practice worker)" in text


def test_a_call_put_through_by_forms_alone(world, page) -> None:
    """Ring, ask for a person, answer as the worker, press the key, talk, hang up."""
    shown = do(page, "ring")
    assert "automated helper" in shown
    family = live_leg(world, inbound=True)
    assert "putting you through" in do(page, "press", "1", family.sid)
    world.until(
        lambda: any(leg.waits is Waits.PICK_UP for leg in world.carrier.exchange.legs.values())
    )
    worker = live_leg(world, inbound=False)
    assert "Ringing" in page.get(f"/practice/phone/?family={DAWN}").text
    assert "This is the On My Side helpline" in do(page, "answer", "", worker.sid)
    assert "Talking to each other" in do(page, "press", "1", worker.sid)
    do(page, "hang_up", "", worker.sid)
    assert not worker.is_live


def test_a_text_and_its_answer(world, page) -> None:
    """The thread shows both; a picture is refused."""
    do(page, "text", "can they tell me about his health")
    world.until(lambda: "answer about" in page.get(f"/practice/phone/?family={DAWN}").text)
    do(page, "text", "", picture="1")
    world.until(lambda: "cannot see pictures" in page.get(f"/practice/phone/?family={DAWN}").text)


def test_the_fragment_for_the_script_is_the_same_phones(page) -> None:
    """What phone.js puts in place."""
    screen = page.get("/practice/phone/screen").text

    assert "<html" not in screen
    assert "Priya (practice worker)" in screen


def test_other_sites_and_machines_are_refused(world, page) -> None:
    """A post from another site is a 403."""
    answer = page.post("/practice/phone/do", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403


def test_the_exchange_asks_for_the_token(world) -> None:
    """Nobody else on this machine may play the carrier."""
    base = world.carrier.account.api_base
    for path in ("/control/state", f"/2010-04-01/Accounts/{world.carrier.account.sid}/Calls.json"):
        assert httpx.get(base + path, trust_env=False).status_code == 401
        assert httpx.get(base + path, auth=("AC1", "x"), trust_env=False).status_code == 401


def test_time_passes_by_itself_in_practice(world) -> None:
    """A phone that nobody answers stops ringing; pieces follow each other; a question waits."""
    exchange = world.carrier.exchange
    clock = Clock(exchange)
    family = exchange.ring_in(world.number())
    ringing = exchange.ring_out("+447700900999", "+441632960960", "", "", ())
    clock.tick(0.0)
    clock.tick(RING_SECONDS + 1.0)

    assert ringing.status == "no-answer"
    assert family.waits is Waits.INPUT
    exchange.hang_up(family)
    for leg in exchange.legs.values():
        exchange.hang_up(leg)
