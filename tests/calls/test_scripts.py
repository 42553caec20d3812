"""Whole calls, as scripts of what a caller and the workers do and hear (scripts/*.yml).

Each runs on the real pages, database and job runner, over HTTP, with the carrier's stand-in; and
after each every document that was played is checked against Twilio's documented attributes.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from helpline.db import transaction
from helpline.models import Call, Concern, Conversation, Dial, Handover, SafeContact, Task
from telephony.practice.legs import Leg, Waits
from tests.calls.conftest import World

SCRIPTS = {
    script["name"]: script
    for path in sorted((Path(__file__).parent / "scripts").glob("*.yml"))
    for script in yaml.safe_load(path.read_text(encoding="utf-8"))
}


class Play:
    """One script on its way: the caller's leg, the worker's, and how far each was listened to."""

    def __init__(self, world: World, caller: str) -> None:
        self.world = world
        self.exchange = world.carrier.exchange
        number = {"mobile": world.number, "landline": world.landline}.get(caller)
        self.number = number() if number else caller
        self.known = set(self.exchange.legs)
        self.family = self.exchange.ring_in(self.number)
        self.worker: Leg | None = None
        self.listened = {}

    def run(self, step: dict[str, Any]) -> None:
        """Do one step."""
        ((name, value),) = step.items()
        getattr(self, name)(value)

    # The caller

    def say(self, words: str) -> None:
        self.settle(self.family)
        self.exchange.say(self.family, words)

    def mumble(self, words: str) -> None:
        self.settle(self.family)
        self.exchange.say(self.family, words, confidence=0.1)

    def press(self, keys: Any) -> None:
        self.settle(self.family)
        self.exchange.press(self.family, str(keys))

    def silence(self, times: int) -> None:
        for _ in range(times):
            self.settle(self.family)
            while self.family.waits is Waits.INPUT and self.family.verb.get("timeout") == "1":
                self.exchange.silence(self.family)  # the pause between two pieces
            self.exchange.silence(self.family)

    def record(self, seconds: int) -> None:
        self.until_waits(self.family, Waits.RECORDING)
        self.exchange.record(self.family, seconds)

    def hang_up(self, _: Any) -> None:
        self.exchange.hang_up(self.family)
        assert self.exchange.quiet()

    def hears(self, words: str) -> None:
        self.wait_for_words(self.family, words, interruptions=True)

    def never_heard(self, words: str) -> None:
        assert words not in " ".join(line.words for line in self.family.heard)

    def ended(self, is_over: Any) -> None:
        self.settle(self.family)
        assert self.family.is_live is not is_over, self.family.heard

    # The workers

    def rings(self, place: int) -> None:
        """Wait until the worker's phone numbered `place` (from 1) of this script rings."""

        def ringing() -> Leg | None:
            mine = [leg for sid, leg in list(self.exchange.legs.items()) if sid not in self.known]
            workers = [leg for leg in mine if leg.direction == "outbound-api"]
            found = workers[place - 1] if len(workers) >= place else None
            return found if found is not None and found.waits is Waits.PICK_UP else None

        self.worker = self.world.until(ringing)

    def nothing_rings(self, _: Any) -> None:
        mine = [leg for sid, leg in list(self.exchange.legs.items()) if sid not in self.known]
        assert not [leg for leg in mine if leg.direction != "inbound" and leg.is_live]

    def worker_answers(self, _: Any) -> None:
        self.exchange.answer(self.worker)

    def worker_presses(self, key: Any) -> None:
        self.exchange.press(self.worker, str(key))

    def worker_silent(self, times: int) -> None:
        for _ in range(times):
            self.exchange.silence(self.worker)

    def worker_hears(self, words: str) -> None:
        self.wait_for_words(self.worker, words)

    def worker_hangs_up(self, _: Any) -> None:
        self.exchange.hang_up(self.worker)

    def worker_fails(self, status: str) -> None:
        self.exchange.fail(self.worker, status)

    def worker_lines_dead(self, is_dead: Any) -> None:
        numbers = (f"+447700900{n}" for n in (444, 555, 666))
        self.exchange.call_errors = dict.fromkeys(numbers, 13227) if is_dead else {}

    def talk(self, _: Any) -> None:
        self.world.until(lambda: self.advance() or self.family.waits is Waits.TALK)
        assert self.family.other is self.worker

    def family_rung(self, outcome: str) -> None:
        """The family's phone rings from the helpline's number; it is answered, or fails so."""

        def ringing() -> Leg | None:
            legs = [leg for sid, leg in list(self.exchange.legs.items()) if sid not in self.known]
            return next((leg for leg in legs if leg.direction == "outbound-dial"), None)

        rung = self.world.until(ringing)
        assert rung.caller == self.world.carrier.account.number
        if outcome == "answered":
            self.exchange.answer(rung)
            assert rung.waits is Waits.TALK
            self.exchange.hang_up(rung)
        else:
            self.exchange.fail(rung, outcome)

    # What is left behind

    def stored(self, wanted: dict[str, Any]) -> None:
        """Compare with the database, until it says so."""
        assert self.exchange.quiet()
        try:
            self.world.until(lambda: not self.differences(wanted))
        except AssertionError:
            pytest.fail(f"stored {self.found}, not {wanted}")

    def differences(self, wanted: dict[str, Any]) -> list[str]:
        with transaction() as session:
            call = session.scalar(select(Call).where(Call.sid == self.family.sid))
            conversation = session.get_one(Conversation, call.conversation_id)
            handover = session.scalar(
                select(Handover).where(Handover.conversation_id == conversation.id)
            )
            dials = session.scalars(
                select(Dial.status).where(Dial.conversation_id == conversation.id).order_by(Dial.id)
            ).all()
            tasks = session.scalars(
                select(Task).where(Task.conversation_id == conversation.id).order_by(Task.id)
            ).all()
            safe = session.scalar(
                select(SafeContact)
                .where(SafeContact.conversation_id == conversation.id)
                .order_by(SafeContact.id.desc())
            )
            found = {
                "call": call.status.value,
                "handover": handover.status.value if handover else "none",
                "severity": handover.severity.value if handover else "none",
                "dials": [status.value for status in dials],
                "tasks": sorted({task.kind.value for task in tasks}),
                "owned": all(t.owner_id == handover.worker_id for t in tasks) if handover else True,
                "concern": session.scalar(
                    select(Concern.id).where(Concern.conversation_id == conversation.id)
                )
                is not None,
                "may_leave_message": safe.may_leave_message if safe else None,
                "other_number": bool(safe and safe.number_encrypted),
            }
        self.found = found
        return [key for key, value in wanted.items() if found[key] != value]

    def texted(self, words: str) -> None:
        self.world.until(lambda: words in " ".join(self.exchange.texts_to(self.number)) or None)

    # Time

    def advance(self) -> bool:
        """Let a pause pass; nothing else is hurried."""
        if self.family.waits is Waits.PAUSE:
            self.exchange.silence(self.family)
        return False

    def settle(self, leg: Leg) -> None:
        """Let pauses pass until the leg waits for somebody."""
        self.world.until(
            lambda: self.advance() or leg.waits not in {Waits.PAUSE, None} or not leg.is_live
        )

    def until_waits(self, leg: Leg, wait: Waits) -> None:
        self.world.until(lambda: self.advance() or leg.waits is wait)

    def wait_for_words(self, leg: Leg, words: str, *, interruptions: bool = False) -> None:
        """Listen on from the last words that were waited for."""
        start = self.listened.get(leg.sid, 0)

        def heard() -> int | None:
            place = self.said_to(leg).find(words.lower(), start)
            if place >= 0:
                return place + len(words)
            self.advance()
            if interruptions and leg.waits is Waits.INPUT and leg.verb.get("timeout") == "1":
                self.exchange.silence(leg)  # the pause between two pieces of what is said
            return None

        try:
            self.listened[leg.sid] = self.world.until(heard)
        except AssertionError:
            said = "\n".join(f"{line.who}: {line.words}" for line in leg.heard)
            pytest.fail(f"{words!r} was not heard in\n{said}")

    def said_to(self, leg: Leg) -> str:
        """Everything the helpline said to this phone, in small letters."""
        return " ".join(line.words for line in leg.heard if line.who == "helpline").lower()


@pytest.mark.parametrize("name", list(SCRIPTS))
def test_call(world: World, name: str) -> None:
    """Play one script."""
    script = SCRIPTS[name]
    world.staff(script.get("staff", "all"))
    play = Play(world, script.get("caller", "mobile"))
    try:
        for step in script["steps"]:
            play.run(step)
    finally:
        world.carrier.exchange.call_errors = {}
        for sid, leg in list(play.exchange.legs.items()):
            if sid not in play.known:
                play.exchange.hang_up(
                    leg
                ) if leg.waits is not Waits.PICK_UP else play.exchange.fail(leg, "no-answer")
    world.check_twiml(play.known)


def test_there_are_forty_scripts() -> None:
    """Each dial outcome and each branch of issue 6."""
    assert len(SCRIPTS) >= 40
