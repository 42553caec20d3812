"""While a worker is found: the caller is never dropped into ringing, and always has a way out."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from helpline import calls, dialling, handover
from helpline.db import transaction
from helpline.enums import Channel, HandoverReason, Severity
from helpline.line_states import CallStatus, Wish
from helpline.models import Call
from telephony import twiml
from telephony.call_back import begin_call_back, begin_voicemail
from telephony.context import service
from telephony.paths import call_sid, key_pressed, path, whole
from telephony.signature import carrier_only
from telephony.speaking import Speech, pieces

bp = Blueprint("telephony_hold", __name__, url_prefix="/telephony/voice")

LISTEN_SECONDS = 8
CALL_BACK_KEY, VOICEMAIL_KEY, GUIDE_KEY, YES, AGAIN = "2", "3", "4", "1", "0"


def connect(session: Session, call: Call, speech: Speech, *, after: int) -> Speech:
    """Put a caller through to whoever is on duty.

    With nobody there, ask whether a life is at risk: then the worker on call is rung.
    """
    severity = _severity(session, call)
    there = dialling.put_through(
        session,
        service(),
        call,
        reason=HandoverReason.ASKED_FOR_PERSON,
        severity=severity,
    )
    if there:
        return _enqueue(speech.say(speech.words("connecting")), call)
    if severity is Severity.IMMEDIATE:
        return nobody(session, call, speech)
    return speech.ask_key(speech.words("life_question"), path("life", after=after))


def steps_then_hold(
    session: Session, call: Call, speech: Speech, *, after: int, there: bool, piece: int
) -> Speech:
    """Say what to do now, piece by piece, while phones ring; a worker who is there ends it."""
    said = [m.text or "" for m in calls.list_said(session, call, after) if _is_safety(m.details)]
    words = said[-1] if said else _steps(call)
    parts = pieces(words)
    if call.status is CallStatus.WITH_WORKER:
        return _enqueue(speech, call)
    if piece >= len(parts):
        return _enqueue(speech, call) if there else nobody(session, call, speech)
    on = {"after": after, "there": int(there)}
    speech.ask_key(parts[piece], path("steps", piece=piece, **on), wait=1, on_silence=False)
    return speech.redirect(path("steps", piece=piece + 1, **on))


def nobody(session: Session, call: Call, speech: Speech, *, miss: int = 0) -> Speech:
    """Nobody can come to the phone: a call back, a message, or go on with the guide."""
    dialling.leave_hold(session, call)
    in_danger = _severity(session, call) is not Severity.NONE
    words = speech.words("nobody_danger" if in_danger else "nobody")
    return speech.ask_key(words, path("nobody", miss=miss))


@bp.post("/life")
@carrier_only
def life() -> ResponseReturnValue:
    """Take in whether a life is at risk, out of hours. Silence counts as yes: a person is rung."""
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech = _speech(call)
        after = whole(request.args.get("after"))
        if key_pressed() == CALL_BACK_KEY:
            nobody(session, call, speech)
        else:
            there = dialling.put_through(
                session,
                service(),
                call,
                reason=HandoverReason.ASKED_FOR_PERSON,
                severity=Severity.IMMEDIATE,
            )
            last = call.conversation.last_n
            steps_then_hold(session, call, speech, after=max(after, last), there=there, piece=0)
    return twiml.answer(speech.document)


@bp.post("/steps")
@carrier_only
def steps() -> ResponseReturnValue:
    """Say the next piece of what to do; a key skips to the person, 0 says it again."""
    args = request.args
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech = _speech(call)
        piece = whole(args.get("piece"))
        if key_pressed() == AGAIN:
            piece = 0
        elif key_pressed():
            piece = 1000  # past the last
        steps_then_hold(
            session,
            call,
            speech,
            after=whole(args.get("after")),
            there=args.get("there") == "1",
            piece=piece,
        )
    return twiml.answer(speech.document)


@bp.post("/hold")
@carrier_only
def hold() -> ResponseReturnValue:
    """Speak to a caller who waits; look each time whether anyone can still come."""
    turn = whole(request.args.get("turn"))
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech = _speech(call)
        again = path("hold", turn=turn + 1)
        if call.status is CallStatus.WITH_WORKER:
            speech.pause().redirect(again)
        elif call.status is not CallStatus.HOLDING or dialling.is_exhausted(session, call):
            speech.document.leave()
        else:
            words = _hold_words(speech, turn, _severity(session, call))
            speech.ask_key(
                words, path("hold-key", turn=turn), wait=LISTEN_SECONDS, on_silence=False
            )
            speech.redirect(again)
    return twiml.answer(speech.document)


def _hold_words(speech: Speech, turn: int, severity: Severity) -> str:
    if turn == 0:
        return speech.words("hold_first")
    danger = severity is not Severity.NONE and turn % 2 == 1
    return speech.words("hold_danger" if danger else "hold")


@bp.post("/hold-key")
@carrier_only
def hold_key() -> ResponseReturnValue:
    """Take in a way out of waiting. Any other key waits on."""
    wishes = {CALL_BACK_KEY: Wish.CALL_BACK, VOICEMAIL_KEY: Wish.VOICEMAIL}
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech = _speech(call)
        wish = wishes.get(key_pressed())
        if wish is None or call.status is CallStatus.WITH_WORKER:
            speech.redirect(path("hold", turn=whole(request.args.get("turn")) + 1))
        else:
            call.wish = wish
            dialling.leave_hold(session, call)
            speech.document.leave()
    return twiml.answer(speech.document)


@bp.post("/after-hold")
@carrier_only
def after_hold() -> ResponseReturnValue:
    """Go on when the waiting is over: after a person, by the caller's wish, or with nobody."""
    result = request.form.get("QueueResult", "")
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech = _speech(call)
        calls.note(session, call.sid, f"queue_{result[:30]}", call_id=call.id)
        if result.endswith("bridged"):
            speech.say(speech.words("after_person")).hang_up()
        elif result != "hangup":
            dialling.leave_hold(session, call)
            if call.wish is Wish.CALL_BACK:
                begin_call_back(session, call, speech)
            elif call.wish is Wish.VOICEMAIL:
                begin_voicemail(session, call, speech)
            else:
                nobody(session, call, speech)
    return twiml.answer(speech.document)


@bp.post("/nobody")
@carrier_only
def nobody_key() -> ResponseReturnValue:
    """Take in what a caller wants when nobody can come."""
    key, miss = key_pressed(), whole(request.args.get("miss"))
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech = _speech(call)
        if key == CALL_BACK_KEY:
            begin_call_back(session, call, speech)
        elif key == VOICEMAIL_KEY:
            begin_voicemail(session, call, speech)
        elif key == GUIDE_KEY:
            last = call.conversation.last_n
            speech.ask(speech.words("back_to_guide"), path("turn", after=last, step=_step(call)))
        elif key == YES:
            connect(session, call, speech, after=call.conversation.last_n)
        elif miss == 0:
            nobody(session, call, speech, miss=1)
        else:
            speech.say(speech.words("goodbye")).hang_up()
    return twiml.answer(speech.document)


def _step(call: Call) -> int:
    """Return a step that no question of this call has had: its messages only grow."""
    return 1000 + call.conversation.last_n


def _enqueue(speech: Speech, call: Call) -> Speech:
    speech.document.enqueue(
        call.queue,
        action=path("after-hold"),
        method="POST",
        wait_url=path("hold", turn=0),
        wait_url_method="POST",
    )
    return speech


def _severity(session: Session, call: Call) -> Severity:
    waiting = handover.find_open(session, call.conversation)
    return waiting.severity if waiting is not None else Severity.NONE


def _steps(call: Call) -> str:
    return service().guide.phrase("steps_again", Channel.VOICE, prison_key=call.conversation.prison)


def _is_safety(details: dict[str, str]) -> bool:
    return details.get("kind") == "safety"


def _speech(call: Call) -> Speech:
    return Speech(service(), slow=call.slow, prison=call.conversation.prison)
