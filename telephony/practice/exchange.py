"""The exchange: what people do at their phones, and what the carrier's REST calls do."""

from collections.abc import Iterable

from telephony.account import Account
from telephony.practice.legs import Leg, Waits
from telephony.practice.player import Player
from telephony.practice.post import new_sid, refusal
from telephony.practice.webhooks import Webhooks


class Exchange(Player):
    """Plays the carrier for one account."""

    def __init__(self, account: Account, webhooks: Webhooks) -> None:
        super().__init__(account, webhooks)
        # Numbers that cannot be rung, with the error of the REST call.
        self.call_errors: dict[str, int] = {}

    def ring_in(self, caller: str) -> Leg:
        """Ring the helpline from a phone; return its leg, which has heard the greeting."""
        leg = Leg(new_sid("CA"), "inbound", caller, self.account.number, "ringing")
        number = self.numbers[self.account.number]
        leg.url, leg.callback = number.voice_url, number.status_callback
        with self.guard:
            self.legs[leg.sid] = leg
            self.fetch(leg, leg.url)
            self.play(leg)
        return leg

    def ring_out(self, to: str, sender: str, url: str, callback: str, events: Iterable[str]) -> Leg:
        """Ring a phone, as the REST call does. Raises Refused with the carrier's error."""
        if to in self.call_errors:
            raise refusal(self.call_errors[to])
        leg = Leg(new_sid("CA"), "outbound-api", sender, to, "queued", callback)
        leg.url, leg.events = url, frozenset(events) | {"completed"}
        with self.guard:
            self.legs[leg.sid] = leg
            self.event(leg, "initiated")
            leg.status, leg.waits = "ringing", Waits.PICK_UP
            self.event(leg, "ringing")
        return leg

    def answer(self, leg: Leg) -> None:
        """Pick up a ringing phone, as a person or a voicemail does."""
        with self.guard:
            if leg.waits is not Waits.PICK_UP:
                return
            leg.status, leg.waits = "in-progress", None
            leg.note("answered")
            self.event(leg, "answered", "in-progress")
            if leg.direction == "outbound-dial":
                self.bridge(self.legs[leg.parent], leg)
            else:
                self.fetch(leg, leg.url)
                self.play(leg)

    def fail(self, leg: Leg, status: str) -> None:
        """End the ringing of a phone: "busy", "no-answer", "failed" or "canceled"."""
        with self.guard:
            if leg.waits is Waits.PICK_UP:
                leg.note(status)
                self.end(leg, status)

    def hang_up(self, leg: Leg) -> None:
        """Hang up this phone."""
        with self.guard:
            if leg.is_live:
                leg.note("hung up")
                if leg.waits is Waits.RECORDING:
                    self.recorded(leg, "hangup", 4)
                self.end(leg, "completed")

    def press(self, leg: Leg, keys: str) -> None:
        """Press keys while the helpline listens for them."""
        self._input(leg, {"Digits": keys.rstrip("#") or keys}, f"presses {keys}")

    def say(self, leg: Leg, words: str, confidence: float = 0.9) -> None:
        """Speak; `words` is what the carrier's recogniser made of it."""
        heard = {"SpeechResult": words, "Confidence": f"{confidence:.4f}"}
        self._input(leg, heard, words)

    def silence(self, leg: Leg) -> None:
        """Let the time pass that the helpline waits for something."""
        with self.guard:
            if leg.waits is Waits.PAUSE:
                leg.waits = None
                self.play(leg)
            elif leg.waits is Waits.INPUT and leg.verb is not None:
                verb, leg.verb, leg.waits = leg.verb, None, None
                if verb.get("actionOnEmptyResult") == "true":
                    self.go_on(leg, verb.get("action", ""), {"Digits": ""})
                else:
                    self.play(leg)
            elif leg.waits is Waits.DIAL:  # nobody came to the queue in time
                verb, leg.verb, leg.waits = leg.verb, None, None
                action = verb.get("action", "") if verb is not None else ""
                nobody = {"DialCallStatus": "no-answer", "DialBridged": "false"}
                self.go_on(leg, action, nobody)

    def record(self, leg: Leg, seconds: int = 8, key: str = "#") -> None:
        """Leave a message after the tone and press a key."""
        with self.guard:
            if leg.waits is Waits.RECORDING:
                leg.utter(f"leaves a message of {seconds} seconds")
                self.recorded(leg, key, seconds)
                self.play(leg)

    def _input(self, leg: Leg, parameters: dict[str, str], words: str) -> None:
        with self.guard:
            if leg.waits is not Waits.INPUT or leg.verb is None:
                return
            leg.utter(words)
            verb, leg.verb, leg.waits = leg.verb, None, None
            self.go_on(leg, verb.get("action", ""), parameters)
