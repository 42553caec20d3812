"""Playing TwiML to a leg, verb by verb, until it waits for something or ends."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

from telephony.account import Account
from telephony.practice.legs import Document, Leg, Waits
from telephony.practice.post import Post, new_sid
from telephony.practice.webhooks import Answer, Webhooks

log = logging.getLogger(__name__)

Play = Callable[[Leg, ET.Element], None]
MAX_VERBS = 500  # played without a wait: a loop of ours, not a call


@dataclass(frozen=True)
class Recording:
    """What somebody said after the tone."""

    sid: str
    call: str
    seconds: int
    audio: bytes


class Player(Post):
    """Fetches documents and plays them."""

    def __init__(self, account: Account, webhooks: Webhooks) -> None:
        super().__init__(account, webhooks)
        self.legs: dict[str, Leg] = {}
        self.recordings: dict[str, Recording] = {}
        self.queues: dict[str, deque[Leg]] = {}
        self._players: dict[str, Play] = {
            "Say": self._say,
            "Pause": self._pause,
            "Gather": self._gather,
            "Redirect": self._redirect,
            "Record": self._record,
            "Hangup": self._hangup,
            "Reject": self._reject,
            "Enqueue": self._enqueue,
            "Leave": self._leave,
            "Dial": self._dial,
        }

    def go_on(self, leg: Leg, url: str, parameters: dict[str, str]) -> None:
        """Ask for the next document and play it; without an address, play on."""
        if url:
            self._ask_and_load(leg, url, parameters)
        self.play(leg)

    def _ask_and_load(self, leg: Leg, url: str, parameters: dict[str, str]) -> None:
        hold = bool(leg.documents) and leg.documents[-1].hold
        answer = self._ask(leg, url, parameters)
        if leg.is_live:
            self._load(leg, urljoin(leg.place, url), answer, hold=hold)

    def fetch(self, leg: Leg, url: str, *, hold: bool = False, **parameters: str) -> None:
        """Ask `url` for the next document of this leg, or for what it hears while it waits."""
        answer = self._ask(leg, url, parameters)
        if leg.is_live:
            self._load(leg, urljoin(leg.place, url), answer, hold=hold)

    def _ask(self, leg: Leg, url: str, parameters: dict[str, str]) -> Answer:
        if not url:
            return Answer(204, "")
        number = self.numbers.get(leg.called) or self.numbers[self.account.number]
        return self.webhooks.ask(
            urljoin(leg.place, url),
            {**self._parameters(leg), **parameters},
            number.voice_fallback_url,
        )

    def _load(self, leg: Leg, url: str, answer: Answer, *, hold: bool) -> None:
        leg.twiml.append(answer.body)
        if leg.documents and leg.documents[-1].hold == hold:
            leg.documents.pop()
        try:
            verbs = deque(ET.fromstring(answer.body)) if answer.body.strip() else deque()  # noqa: S314 - our own answers
        except ET.ParseError:
            verbs = deque()
            leg.hear("We are sorry, an application error has occurred. Goodbye.")
        leg.documents.append(Document(url, verbs, hold))

    def play(self, leg: Leg) -> None:
        """Play verbs until the leg waits for something or ends."""
        for _ in range(MAX_VERBS):
            if not leg.is_live or leg.waits is not None or not leg.documents:
                return
            document = leg.documents[-1]
            if not document.verbs:
                if document.hold:  # a hold document that ends is played again
                    self.fetch(leg, document.url, hold=True, **self._in_queue(leg))
                    continue
                self.end(leg, "completed")
                return
            self._verb(leg, document.verbs.popleft())
        log.error("a call goes round in circles", extra={"kind": "practice"})
        self.end(leg, "failed")

    def _verb(self, leg: Leg, verb: ET.Element) -> None:
        if verb.tag not in {"Reject", "Hangup", "Redirect"}:
            leg.status = "in-progress"
        play = self._players.get(verb.tag)
        if play is None:
            leg.note(f"{verb.tag} is no verb of this exchange")
            return
        play(leg, verb)

    def _say(self, leg: Leg, verb: ET.Element) -> None:
        leg.hear("".join(verb.itertext()))

    def _pause(self, leg: Leg, verb: ET.Element) -> None:
        leg.waits, leg.verb = Waits.PAUSE, verb

    def _gather(self, leg: Leg, verb: ET.Element) -> None:
        for inner in verb:
            if inner.tag == "Say":
                leg.hear("".join(inner.itertext()))
        leg.waits, leg.verb = Waits.INPUT, verb

    def _redirect(self, leg: Leg, verb: ET.Element) -> None:
        hold = leg.documents[-1].hold
        more = self._in_queue(leg) if hold else {}
        self.fetch(leg, (verb.text or "").strip(), hold=hold, **more)

    def _record(self, leg: Leg, verb: ET.Element) -> None:
        leg.note("a tone")
        leg.waits, leg.verb = Waits.RECORDING, verb

    def _hangup(self, leg: Leg, verb: ET.Element) -> None:
        del verb
        leg.note("the helpline hung up")
        self.end(leg, "completed")

    def _reject(self, leg: Leg, verb: ET.Element) -> None:
        self.end(leg, "busy" if verb.get("reason") == "busy" else "no-answer")

    def _enqueue(self, leg: Leg, verb: ET.Element) -> None:
        leg.enqueue, leg.queue = verb, (verb.text or "").strip()
        waiting = self.queues.setdefault(leg.queue, deque())
        waiting.append(leg)
        worker = next((w for w in self.legs.values() if _stands_at(w, leg.queue)), None)
        if worker is not None:
            self._out_of_queue(worker, leg)
            return
        self.fetch(leg, verb.get("waitUrl", ""), hold=True, **self._in_queue(leg))

    def _leave(self, leg: Leg, verb: ET.Element) -> None:
        del verb
        if leg.enqueue is None:
            return
        self.queues[leg.queue].remove(leg)
        action, leg.enqueue, leg.queue = leg.enqueue.get("action", ""), None, ""
        leg.documents = [d for d in leg.documents if not d.hold]
        self.go_on(leg, action, {"QueueResult": "leave", "QueueTime": "5"})

    def _dial(self, leg: Leg, verb: ET.Element) -> None:
        leg.waits, leg.verb = Waits.DIAL, verb
        for noun in verb:
            name = (noun.text or "").strip()
            if noun.tag == "Queue":
                waiting = self.queues.get(name)
                if waiting:
                    self._out_of_queue(leg, waiting[0])
            elif noun.tag == "Number":
                self._dial_number(leg, verb, noun, name)

    def _dial_number(self, leg: Leg, verb: ET.Element, noun: ET.Element, to: str) -> None:
        child = Leg(new_sid("CA"), "outbound-dial", verb.get("callerId", leg.caller), to, "ringing")
        child.parent, child.waits = leg.sid, Waits.PICK_UP
        child.callback = (
            urljoin(leg.place, noun.get("statusCallback", "")) if noun.get("statusCallback") else ""
        )
        child.events = frozenset(noun.get("statusCallbackEvent", "completed").split())
        self.legs[child.sid] = child
        self.event(child, "ringing")

    def _out_of_queue(self, worker: Leg, caller: Leg) -> None:
        """Put the worker who dialled a queue together with the caller who waits in it."""
        self.queues[caller.queue].remove(caller)
        caller.queue = ""
        caller.documents = [d for d in caller.documents if not d.hold]
        self.bridge(worker, caller)

    def bridge(self, one: Leg, two: Leg) -> None:
        """Put two phones together."""
        for leg, other in ((one, two), (two, one)):
            leg.waits, leg.other = Waits.TALK, other
            leg.note("you are talking to each other")

    def end(self, leg: Leg, status: str) -> None:
        """End this leg, and let the other side go on."""
        if not leg.is_live:
            return
        other, name = leg.other, leg.queue
        leg.status, leg.waits, leg.other, leg.documents = status, None, None, []
        if name:
            self.queues[name].remove(leg)
            leg.queue = ""
        if leg.enqueue is not None:
            self._ask(leg, leg.enqueue.get("action", ""), {"QueueResult": "hangup"})
        self.event(leg, "completed", status)
        dialling = self.legs.get(leg.parent)
        if leg.direction == "outbound-dial" and dialling is not None and dialling.is_live:
            dialling.other = None
            self._after_dial(dialling, leg, bridged=status == "completed")
        elif other is not None and other.is_live:
            other.other = None
            self._after_talk(other, leg)

    def _after_talk(self, leg: Leg, gone: Leg) -> None:
        """Go on after the other side hung up: a queued caller's Enqueue, or a Dial, is over."""
        if leg.enqueue is not None:
            action, leg.enqueue = leg.enqueue.get("action", ""), None
            leg.waits = None
            self.go_on(leg, action, {"QueueResult": "bridged", "QueueTime": "5"})
        else:
            self._after_dial(leg, gone, bridged=True)

    def _after_dial(self, leg: Leg, gone: Leg, *, bridged: bool) -> None:
        verb, leg.verb, leg.waits = leg.verb, None, None
        action = verb.get("action", "") if verb is not None else ""
        self.go_on(
            leg,
            action,
            {
                "DialCallStatus": gone.status,
                "DialCallSid": gone.sid,
                "DialCallDuration": "5" if bridged else "0",
                "DialBridged": "true" if bridged else "false",
            },
        )

    def recorded(self, leg: Leg, key: str, seconds: int) -> None:
        """Keep a recording and tell the helpline of it, twice as the carrier does."""
        verb, leg.verb, leg.waits = leg.verb, None, None
        if verb is None:
            return
        recording = Recording(new_sid("RE"), leg.sid, seconds, b"RIFF practice recording")
        self.recordings[recording.sid] = recording
        url = (
            f"{self.account.api_base}/2010-04-01/Accounts/{self.account.sid}"
            f"/Recordings/{recording.sid}"
        )
        about = {
            "RecordingSid": recording.sid,
            "RecordingUrl": url,
            "RecordingDuration": str(seconds),
        }
        callback = verb.get("recordingStatusCallback", "")
        if callback:
            status = {**self._parameters(leg), **about, "RecordingStatus": "completed"}
            self.call_back(urljoin(leg.place, callback), status)
        self._ask_and_load(leg, verb.get("action", ""), {**about, "Digits": key})

    # What is told about a call

    def _parameters(self, leg: Leg) -> dict[str, str]:
        parameters = {
            "CallSid": leg.sid,
            "AccountSid": self.account.sid,
            "From": leg.caller,
            "To": leg.called,
            "Caller": leg.caller,
            "Called": leg.called,
            "CallStatus": leg.status,
            "Direction": leg.direction,
            "ApiVersion": "2010-04-01",
        }
        if leg.parent:
            parameters["ParentCallSid"] = leg.parent
        return parameters

    def _in_queue(self, leg: Leg) -> dict[str, str]:
        size = str(len(self.queues.get(leg.queue, ())))
        return {"QueuePosition": "1", "QueueTime": "0", "CurrentQueueSize": size}

    def event(self, leg: Leg, event: str, status: str = "") -> None:
        """Tell the helpline of a step of this leg, if it asked to hear of it."""
        if leg.callback and event in leg.events:
            parameters = {
                **self._parameters(leg),
                "CallStatus": status or event,
                "CallbackSource": "call-progress-events",
                "SequenceNumber": str(leg.sequence),
            }
            leg.sequence += 1
            if event == "completed":
                parameters["CallDuration"] = "5"
            self.call_back(leg.callback, parameters)


def _stands_at(worker: Leg, name: str) -> bool:
    if worker.waits is not Waits.DIAL or worker.verb is None:
        return False
    return any(n.tag == "Queue" and (n.text or "").strip() == name for n in worker.verb)
