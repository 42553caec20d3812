"""Asking where a call is safe, reading the number back, and taking a message after the tone."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from helpline import call_backs, calls, handover
from helpline.addresses import for_the_ear
from helpline.clock import clock_words, utcnow
from helpline.db import transaction
from helpline.enums import Channel
from helpline.models import Call
from telephony import twiml
from telephony.context import service
from telephony.paths import MAX_SID, call_sid, key_pressed, path, whole
from telephony.signature import carrier_only
from telephony.speaking import Speech

bp = Blueprint("telephony_call_back", __name__, url_prefix="/telephony/voice")

YES, NO, MESSAGE = "1", "2", "*"
MOST_MISSES = 2
LONGEST_MESSAGE_SECONDS = 120
SILENCE_SECONDS = 5


def begin_call_back(session: Session, call: Call, speech: Speech) -> Speech:
    """Ask whether the number they ring from is safe; with a hidden one ask for a number."""
    if calls.address_of(session, service(), call).can_be_rung:
        return speech.ask_key(speech.words("safe_here"), path("safe"))
    return speech.ask_number(speech.words("give_number"), path("number"))


def begin_voicemail(session: Session, call: Call, speech: Speech) -> Speech:
    """Say that a message is recorded and why, and record it."""
    waiting = handover.find_open(session, call.conversation)
    worker = waiting.worker_name if waiting is not None else _lead()
    speech.say(speech.words("voicemail", worker=worker))
    speech.document.record(
        action=path("recorded"),
        method="POST",
        max_length=LONGEST_MESSAGE_SECONDS,
        timeout=SILENCE_SECONDS,
        play_beep=True,
        trim="do-not-trim",
        recording_status_callback=path("recording"),
        recording_status_callback_method="POST",
    )
    return speech.redirect(path("recorded"))


@bp.post("/safe")
@carrier_only
def safe() -> ResponseReturnValue:
    """Take in whether the caller's own number is safe. Only a plain yes counts."""
    miss = whole(request.args.get("miss"))
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech = _speech(call)
        if key_pressed() == YES and call_backs.offer_own_number(session, service(), call):
            speech.ask_key(speech.words("may_leave_message"), path("leave-message"))
        elif not key_pressed() and miss < MOST_MISSES:
            speech.ask_key(speech.words("safe_here"), path("safe", miss=miss + 1))
        else:
            speech.ask_number(speech.words("give_number"), path("number"))
    return twiml.answer(speech.document)


@bp.post("/number")
@carrier_only
def number() -> ResponseReturnValue:
    """Take in a number by keys or by voice, and read it back."""
    miss = whole(request.args.get("miss"))
    given = request.form.get("Digits") or request.form.get("SpeechResult", "")
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech = _speech(call)
        taken = call_backs.offer_number(session, service(), call, given)
        if MESSAGE in given:
            begin_voicemail(session, call, speech)
        elif taken is not None:
            words = speech.words("read_back", number=for_the_ear(taken))
            speech.ask_key(words, path("confirm"))
        elif miss < MOST_MISSES:
            speech.ask_number(speech.words("number_again"), path("number", miss=miss + 1))
        else:
            speech.say(speech.words("no_call_back"))
            begin_voicemail(session, call, speech)
    return twiml.answer(speech.document)


@bp.post("/confirm")
@carrier_only
def confirm() -> ResponseReturnValue:
    """Take in whether the number was read back right."""
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech = _speech(call)
        if key_pressed() == YES:
            speech.ask_key(speech.words("may_leave_message"), path("leave-message"))
        else:
            call.number_given = None
            speech.ask_number(speech.words("give_number"), path("number", miss=1))
    return twiml.answer(speech.document)


@bp.post("/leave-message")
@carrier_only
def leave_message() -> ResponseReturnValue:
    """Promise the call back: who, on what number, by when. Only a yes allows a message there."""
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech = _speech(call)
        waiting = call_backs.promise(
            session, service(), call, may_leave_message=key_pressed() == YES
        )
        safe_number = call_backs.number_of(service(), call)
        if waiting is None or safe_number is None:
            speech.say(speech.words("no_call_back"))
            begin_voicemail(session, call, speech)
        else:
            speech.say(
                speech.words(
                    "call_back_promised",
                    worker=waiting.worker_name,
                    number=for_the_ear(safe_number),
                    time=clock_words(waiting.promised_at, utcnow()),
                )
            ).hang_up()
    return twiml.answer(speech.document)


@bp.post("/recorded")
@carrier_only
def recorded() -> ResponseReturnValue:
    """Thank for a message and say who hears it by when; a hang-up while recording counts too."""
    form = request.form
    with transaction() as session:
        call = calls.hold_call(session, call_sid())
        speech = _speech(call)
        sid, length = form.get("RecordingSid", "")[:MAX_SID], whole(form.get("RecordingDuration"))
        if sid and length:
            call_backs.keep_voicemail(session, service(), call, sid, length)
            waiting = handover.find_open(session, call.conversation)
            if waiting is not None:
                time = clock_words(waiting.promised_at, utcnow())
                words = speech.words("voicemail_thanks", worker=waiting.worker_name, time=time)
                speech.say(words)
        else:
            speech.say(speech.words("voicemail_empty")).say(speech.words("goodbye"))
        speech.hang_up()
    return twiml.answer(speech.document)


@bp.post("/recording")
@carrier_only
def recording() -> ResponseReturnValue:
    """Take in that a recording is there: the sign of it that always comes."""
    form = request.form
    if form.get("RecordingStatus") == "completed":
        with transaction() as session:
            call = calls.hold_call(session, call_sid())
            sid = form.get("RecordingSid", "")[:MAX_SID]
            length = whole(form.get("RecordingDuration"))
            if sid and length:
                call_backs.keep_voicemail(session, service(), call, sid, length)
    return "", 204


def _lead() -> str:
    return service().guide.phrase("duty_lead", Channel.VOICE)


def _speech(call: Call) -> Speech:
    return Speech(service(), slow=call.slow, prison=call.conversation.prison)
