"""Calls: from the greeting, turn by turn, to an answer or to a person.

The state of a conversation is in the database and in the signed addresses: `after` is the number of
the message that is being answered, `step` names the question, `miss` counts what was not heard. So
the same request gives the same answer, however often the carrier makes it.
"""

import time
from dataclasses import dataclass, replace
from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from helpline import calls, dialling, texts
from helpline.addresses import read_address
from helpline.db import transaction
from helpline.enums import Channel, HandoverReason, Severity
from helpline.errors import HelplineError, NotFound
from helpline.guide.replies import Choice
from helpline.models import Call, Message
from helpline.phone_words import read_phone_words, said_of
from telephony import twiml
from telephony.context import service
from telephony.hold import connect, steps_then_hold
from telephony.paths import call_sid, path, whole
from telephony.signature import carrier_only
from telephony.speaking import Speech

bp = Blueprint("telephony_voice", __name__, url_prefix="/telephony/voice")

LEAST_CONFIDENCE: Final = 0.35
# The assistant has four seconds; a little more for the job to start and to be written down.
MOST_TRIES: Final = 3
WAIT_SECONDS: Final = 0.6
LOOK_EVERY: Final = 0.05
FIRST_KEY: Final = 2  # choices begin here: 1 is always a person
LAST_KEY: Final = 7
ENDED: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
PERSON, AGAIN, SLOWER, TEXT_IT, MENU = "1", "0", "8", "9", "2"


@dataclass(frozen=True)
class Turn:
    """What came back from a caller, and to which question."""

    after: int
    step: int
    miss: int
    menu: bool
    late: bool  # the answer to `after` was late: silence means that they still wait for it
    keys: str
    speech: str
    confidence: float
    unstable: str  # another reading of the same words, where the carrier gives one

    @classmethod
    def read(cls) -> "Turn":
        """Read the request; numbers are our own, from signed addresses."""
        form, args = request.form, request.args
        return cls(
            after=whole(args.get("after")) or 1,
            step=whole(args.get("step")),
            miss=whole(args.get("miss")),
            menu="menu" in args,
            late="late" in args,
            keys=form.get("Digits", "")[:1],
            speech=form.get("SpeechResult", ""),
            confidence=_fraction(form.get("Confidence")),
            unstable=form.get("UnstableSpeechResult", ""),
        )

    def address(self, *, miss: int = 0, menu: bool = False, after: int | None = None) -> str:
        """Return where the answer to the next question goes."""
        more: dict[str, int] = {"after": self.after if after is None else after}
        more |= {"step": self.step + 1, "miss": miss} | ({"menu": 1} if menu else {})
        return path("turn", **more)


@bp.post("", strict_slashes=False)
@carrier_only
def greet() -> ResponseReturnValue:
    """Answer a call: who this is, what to do in danger, and an open question."""
    with transaction() as session:
        call, greeting = calls.begin(
            session, service(), call_sid(), read_address(request.form.get("From"))
        )
        speech = Speech(service(), slow=call.slow)
        speech.ask(greeting.text or speech.words("greeting"), path("turn", after=1, step=1))
    return twiml.answer(speech.document)


@bp.post("/turn")
@carrier_only
def turn() -> ResponseReturnValue:
    """Take in what a caller said or pressed."""
    heard = Turn.read()
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech, waits_for = _decide(session, call, heard)
    if waits_for is None:
        return twiml.answer(speech.document)
    return _when_answered(waits_for, heard, tries=0)


@bp.post("/wait")
@carrier_only
def wait() -> ResponseReturnValue:
    """Look again for an answer, the line kept warm meanwhile."""
    heard = Turn.read()
    return _when_answered(heard.after, heard, tries=whole(request.args.get("tries")))


def _decide(session: Session, call: Call, heard: Turn) -> tuple[Speech, int | None]:
    """Return what to say now, or the number of the message whose answer must be waited for."""
    speech = Speech(service(), slow=call.slow, prison=call.conversation.prison)
    if heard.speech or heard.unstable:
        return _heard_words(session, call, heard, speech)
    keys = {
        PERSON: _person,
        AGAIN: _repeat,
        SLOWER: _slow_down,
        TEXT_IT: _text_it,
    }
    if heard.keys in keys:
        return keys[heard.keys](session, call, heard, speech), None
    if heard.keys:
        return _picked(session, call, heard, speech)
    if heard.late:
        return speech, heard.after
    return _missed(session, call, heard, speech), None


def _heard_words(
    session: Session, call: Call, heard: Turn, speech: Speech
) -> tuple[Speech, int | None]:
    """Store and screen every transcript, sure or not; then see what it asks for."""
    meant = said_of(service(), heard.speech)
    sure = heard.confidence >= LEAST_CONFIDENCE
    asks = meant is None and sure
    stored = _store(session, call, heard, answer=asks)
    if stored is None:
        return _missed(session, call, heard, speech), None
    if stored.severity is Severity.IMMEDIATE or meant == "danger":
        return _danger(session, call, stored, speech), None
    if stored.severity is Severity.URGENT and not asks:
        return _say_after(session, call, heard, stored.n, speech), None
    if meant is not None:
        doing = {
            "person": _person,
            "again": _repeat,
            "slower": _slow_down,
            "text": _text_it,
            "menu": _menu,
        }
        return doing[meant](session, call, heard, speech), None
    if not sure:
        return _missed(session, call, heard, speech, unclear=True), None
    return speech, stored.n


def _store(session: Session, call: Call, heard: Turn, *, answer: bool) -> Message | None:
    """Store the transcript; where there is another reading of it that is graver, that one too."""
    stored = calls.hear(session, service(), call, heard.speech, step=str(heard.step), answer=answer)
    if not heard.unstable or heard.unstable == heard.speech:
        return stored
    other = calls.hear(
        session, service(), call, heard.unstable, step=f"{heard.step}u", answer=False
    )
    if other is None or stored is None:
        return stored or other
    return other if other.severity.rank > stored.severity.rank else stored


def _picked(session: Session, call: Call, heard: Turn, speech: Speech) -> tuple[Speech, int | None]:
    """Take a key that picks: from what was offered, or from the list."""
    choices = _menu_choices() if heard.menu else offered(session, call, heard.after)
    place = int(heard.keys) - FIRST_KEY if heard.keys.isdecimal() else -1
    if 0 <= place < len(choices):
        picked = choices[place]
        stored = calls.hear(
            session,
            service(),
            call,
            picked.label,
            step=str(heard.step),
            payload=picked.payload,
        )
        return speech, stored.n if stored is not None else None
    if heard.keys == MENU:
        return _menu(session, call, heard, speech), None
    return _missed(session, call, heard, speech), None


def offered(session: Session, call: Call, after: int) -> tuple[Choice, ...]:
    """Return the choices that were read out after message number `after`.

    What else could be asked after an answer is not: its words for the ear end with that already.
    """
    said = calls.list_said(session, call, after)
    found = [m for m in said if len(m.choices) > 1 and m.details.get("kind") != "answer"]
    return tuple(Choice(**choice) for choice in found[-1].choices) if found else ()


def _menu_choices() -> tuple[Choice, ...]:
    guide = service().guide
    topics = read_phone_words(service().settings.guide_folder).menu
    return tuple(Choice(label=guide.title(t), payload=f"/{t}") for t in topics if guide.has(t))


def _sentence(label: str) -> str:
    """Return a label so that a sentence ends with it."""
    return label if label.endswith(("?", ".", "!")) else f"{label}."


def _person(session: Session, call: Call, heard: Turn, speech: Speech) -> Speech:
    """Put the caller through; out of hours ask first whether a life is at risk."""
    return connect(session, call, speech, after=heard.after)


def _danger(session: Session, call: Call, stored: Message, speech: Speech) -> Speech:
    """Start ringing at once, and say what to do meanwhile."""
    there = dialling.put_through(
        session,
        service(),
        call,
        reason=HandoverReason.CONCERN,
        severity=Severity.IMMEDIATE,
    )
    return steps_then_hold(session, call, speech, after=stored.n, there=there, piece=0)


def _repeat(session: Session, call: Call, heard: Turn, speech: Speech) -> Speech:
    if heard.menu:
        return _menu(session, call, heard, speech)
    return _say_after(session, call, heard, heard.after, speech)


def _slow_down(session: Session, call: Call, heard: Turn, speech: Speech) -> Speech:
    call.slow = True
    slower = Speech(service(), slow=True, prison=call.conversation.prison)
    slower.say(slower.words("slower"))
    del speech
    return _say_after(session, call, heard, heard.after, slower)


def _text_it(session: Session, call: Call, heard: Turn, speech: Speech) -> Speech:
    """Text the last answer, in its wording for texts, to the mobile the caller rings from."""
    address = calls.address_of(session, service(), call)
    said = [m for m in calls.list_said(session, call, heard.after) if m.topic_id is not None]
    sent = False
    if address.can_be_texted and said:
        sent = texts.send_topic(session, service(), call.conversation, said[0])
    speech.say(speech.words("texted" if sent else "not_texted"))
    return speech.ask(speech.words("anything_else"), heard.address())


def _menu(session: Session, call: Call, heard: Turn, speech: Speech) -> Speech:
    """Read the list of common worries; every one has a key."""
    del session, call
    lines = [speech.words("menu")]
    for key, choice in enumerate(_menu_choices()[: LAST_KEY - FIRST_KEY + 1], start=FIRST_KEY):
        lines.append(speech.words("menu_item", key=str(key), label=_sentence(choice.label)))
    lines.append(speech.words("menu_last"))
    return speech.ask(" ".join(lines), heard.address(menu=True, miss=heard.miss), wait=8)


def _missed(
    session: Session, call: Call, heard: Turn, speech: Speech, *, unclear: bool = False
) -> Speech:
    """Nothing was heard, or not surely: ask once differently, then by keys, then a person."""
    if heard.miss == 0:
        words = speech.words("unclear" if unclear else "ask_again")
        return speech.ask(words, heard.address(miss=1), wait=8)
    if heard.miss == 1:
        again = replace(heard, miss=2)
        return _menu(session, call, again, speech)
    if heard.miss == 2:  # noqa: PLR2004 - the third
        return connect(session, call, speech, after=heard.after)
    return speech.say(speech.words("goodbye")).hang_up()


def _when_answered(n: int, heard: Turn, *, tries: int) -> ResponseReturnValue:
    """Say the answer to message `n` if it is there within a moment; else keep the line warm."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        with transaction() as session:
            call = calls.hold_call(session, call_sid())
            speech = Speech(service(), slow=call.slow, prison=call.conversation.prison)
            asked = _message(session, call, n)
            if asked.answered_at is not None:
                return twiml.answer(_answer(session, call, asked, heard, speech).document)
        if time.monotonic() >= deadline:
            break
        time.sleep(LOOK_EVERY)
    again = path("wait", after=n, step=heard.step, tries=tries + 1)
    if tries >= MOST_TRIES:
        words = service().guide.phrase("assistant_slow", Channel.VOICE)
        speech.ask(words, path("turn", after=n, step=heard.step + 1, late=1), wait=4)
        return twiml.answer(speech.document)
    if tries in {0, 2}:
        speech.say(speech.words("one_moment" if tries == 0 else "still_there"))
    return twiml.answer(speech.pause().redirect(again).document)


def _answer(session: Session, call: Call, asked: Message, heard: Turn, speech: Speech) -> Speech:
    """Say what came of a message: an answer, what to do in danger, or the way to a person."""
    if asked.severity is Severity.IMMEDIATE:
        return _danger(session, call, asked, speech)
    if asked.handover_id is not None and asked.severity is Severity.NONE:
        at = replace(heard, after=asked.n)
        return _person(session, call, at, speech)
    return _say_after(session, call, heard, asked.n, speech)


def _say_after(session: Session, call: Call, heard: Turn, n: int, speech: Speech) -> Speech:
    """Say everything that was said after message `n`, with its choices, and ask what else."""
    said = calls.list_said(session, call, n)
    if n == 1 and not said:
        greeting = _message(session, call, 1)
        keys = speech.words("keys")
        return speech.ask(f"{greeting.text} {keys}", heard.address(after=1))
    words = [message.text or "" for message in said]
    choices = offered(session, call, n)
    for key, choice in enumerate(choices[: LAST_KEY - FIRST_KEY + 1], start=FIRST_KEY):
        words.append(speech.words("pick_item", key=str(key), label=_sentence(choice.label)))
    if choices:
        words.append(speech.words("menu_last"))
    else:
        may_text = (
            any(m.topic_id for m in said)
            and calls.address_of(session, service(), call).can_be_texted
        )
        words.append(speech.words("anything_else_text" if may_text else "anything_else"))
    return speech.ask(" ".join(words), heard.address(after=n))


def _message(session: Session, call: Call, n: int) -> Message:
    found = calls.find_message(session, call, n)
    if found is None:
        raise NotFound("no such message")
    return found


@bp.post("/status")
@carrier_only
def status() -> ResponseReturnValue:
    """Take in that a caller has gone."""
    form = request.form
    with transaction() as session:
        call = calls.find_call(session, call_sid())
        calls.note(
            session,
            call_sid(),
            f"call_{form.get('CallStatus', '')[:30]}",
            whole(form.get("SequenceNumber")),
            call_id=call.id if call is not None else None,
        )
        if form.get("CallStatus") in ENDED:
            calls.end(session, service(), call_sid())
    return "", 204


@bp.errorhandler(HelplineError)
def sorry(error: HelplineError) -> ResponseReturnValue:
    """Say what to do when a call is not known, or something of ours is down: never silence."""
    del error
    speech = Speech(service())
    return twiml.answer(speech.say(speech.words("unavailable")).hang_up().document)


def _fraction(value: str | None) -> float:
    """Return a confidence; the carrier does not promise one, and then the words count as sure."""
    try:
        return float(value) if value else 1.0
    except ValueError:
        return 1.0
