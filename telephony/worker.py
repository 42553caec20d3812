"""A worker's phone: the whisper, the key that takes a call, and what becomes of it."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline import alerts, calls, dialling, ladder, proof_rings
from helpline.db import transaction
from helpline.dialling import Taking
from helpline.enums import AlertStatus, AlertWay, Channel
from helpline.errors import Conflict, NotFound
from helpline.line_states import CallStatus, DialPurpose, DialStatus
from helpline.models import Alert, Call, Concern, Conversation, Dial, Handover
from helpline.phone_words import read_phone_words
from telephony import twiml
from telephony.context import account, service
from telephony.paths import call_sid, key_pressed, whole, worker_path
from telephony.signature import carrier_only
from telephony.speaking import Speech

bp = Blueprint("telephony_worker", __name__, url_prefix="/telephony/worker")

TAKE, DECLINE = "1", "2"
HALF = dialling.KEY_PRESS_SECONDS // 2
JOIN_SECONDS = 60  # a caller may still be hearing what to do
FINAL = {
    "busy": DialStatus.BUSY,
    "no-answer": DialStatus.NO_ANSWER,
    "failed": DialStatus.FAILED,
    "canceled": DialStatus.NO_ANSWER,
    "completed": DialStatus.NO_ANSWER,  # answered, and nobody pressed a key
}


@bp.post("/call")
@carrier_only
def whisper() -> ResponseReturnValue:
    """Say what the call is about to whoever picked up, and wait for a key: 15 seconds in all."""
    key = request.args.get("key", "")
    speech = Speech(service())
    with transaction() as session:
        dial = dialling.answered(session, dialling.dial_of(key))
        call = session.get(Call, dial.call_id) if dial.call_id is not None else None
        if dial.purpose is DialPurpose.RING_BACK:
            words = speech.words("whisper_ring_back")
        elif call is not None and call.status is not CallStatus.HOLDING:
            return twiml.answer(_too_late(session, dial, speech).document)
        else:
            words = _whisper(session, dial, speech)
    action = worker_path("key", key)
    speech.ask_key(words, action, wait=HALF, on_silence=False)
    speech.ask_key(speech.words("whisper_again"), action, wait=HALF)
    return twiml.answer(speech.document)


def _whisper(session: Session, dial: Dial, speech: Speech) -> str:
    """Return what a bystander may hear too: that it is the helpline, a plain word, the prison."""
    conversation = session.get_one(Conversation, dial.conversation_id)
    prison = ""
    if conversation.prison is not None:
        name = service().guide.prison_name(conversation.prison, Channel.VOICE)
        prison = speech.words("whisper_prison", prison=name)
    kind = session.scalar(
        select(Concern.kind)
        .where(Concern.conversation_id == conversation.id)
        .order_by(Concern.id.desc())
        .limit(1)
    )
    if kind is None:
        return speech.words("whisper_plain", prison=prison)
    about = read_phone_words(service().settings.guide_folder).whispers[kind.value]
    return speech.words("whisper", about=about, prison=prison)


@bp.post("/key")
@carrier_only
def take() -> ResponseReturnValue:
    """Take in the key a worker pressed: theirs, not theirs, too late, or no key at all."""
    key, pressed = request.args.get("key", ""), key_pressed()
    speech = Speech(service())
    with transaction() as session:
        dial_id = dialling.dial_of(key)
        if pressed != TAKE:
            ended = DialStatus.DECLINED if pressed else DialStatus.NO_KEY
            dialling.finish(session, service(), dial_id, ended)
            if pressed:
                speech.say(speech.words("declined"))
            speech.hang_up()
            return twiml.answer(speech.document)
        taking = dialling.take(session, service(), dial_id)
        dial = session.get_one(Dial, dial_id)
        if taking is Taking.RING_BACK:
            _ring_family(session, dial, key, speech)
        elif taking is Taking.CONNECTED and dial.call_id is not None:
            call = session.get_one(Call, dial.call_id)
            speech.say(speech.words("joining"))
            joined = speech.document.dial(
                action=worker_path("done", key), method="POST", timeout=JOIN_SECONDS
            )
            joined.queue(call.queue)
        else:
            _too_late(session, dial, speech)
    return twiml.answer(speech.document)


def _too_late(session: Session, dial: Dial, speech: Speech) -> Speech:
    """Tell a worker why there is nobody on the line; one whose caller has gone may ring them."""
    call = session.get_one(Call, dial.call_id)
    if call.status is CallStatus.WITH_WORKER:
        return speech.say(speech.words("taken")).hang_up()
    if call.status is not CallStatus.ENDED:
        return speech.say(speech.words("no_longer")).hang_up()
    if calls.number_to_ring(session, service(), dial.conversation_id) is None:
        return speech.say(speech.words("caller_gone_hidden")).hang_up()
    key = f"{dialling.KEY}{dial.id}"
    speech.ask_key(speech.words("caller_gone"), worker_path("ring-back", key))
    return speech


@bp.post("/ring-back")
@carrier_only
def ring_back() -> ResponseReturnValue:
    """Ring the family for a worker whose caller has gone, if they want to."""
    key = request.args.get("key", "")
    speech = Speech(service())
    with transaction() as session:
        if key_pressed() == TAKE:
            dial = dialling.turn_into_ring_back(session, dialling.dial_of(key))
            _ring_family(session, dial, key, speech)
        else:
            speech.hang_up()
    return twiml.answer(speech.document)


def _ring_family(session: Session, dial: Dial, key: str, speech: Speech) -> Speech:
    """Ring the family from the helpline's number: neither side sees the other's."""
    to = calls.number_to_ring(session, service(), dial.conversation_id)
    if to is None:
        return speech.say(speech.words("caller_gone_hidden")).hang_up()
    speech.say(speech.words("joining"))
    ringing = speech.document.dial(
        action=worker_path("done", key),
        method="POST",
        caller_id=account().number,
        timeout=service().settings.ring_seconds + 10,
    )
    ringing.number(
        to,
        status_callback=worker_path("family", key),
        status_callback_event="ringing answered completed",
        status_callback_method="POST",
    )
    return speech


@bp.post("/done")
@carrier_only
def done() -> ResponseReturnValue:
    """Go on when a worker's Dial is over: they talked, or nobody was there."""
    key, form = request.args.get("key", ""), request.form
    speech = Speech(service())
    with transaction() as session:
        dial_id = dialling.dial_of(key)
        dial = session.get_one(Dial, dial_id)
        talked = form.get("DialBridged") == "true"
        calls.note(
            session,
            call_sid(),
            f"dial_{form.get('DialCallStatus', '')[:30]}",
            dial_id=dial_id,
            call_id=dial.call_id,
            bridged=talked,
        )
        if talked:
            speech.say(speech.words("worker_goodbye")).hang_up()
        elif dial.purpose is DialPurpose.RING_BACK:
            speech.say(speech.words("not_reached")).hang_up()
        else:
            dialling.not_joined(session, dial_id)
            _after_not_joined(session, dial, speech)
    return twiml.answer(speech.document)


def _after_not_joined(session: Session, dial: Dial, speech: Speech) -> None:
    if calls.number_to_ring(session, service(), dial.conversation_id) is None:
        speech.say(speech.words("caller_gone_hidden")).hang_up()
        return
    key = f"{dialling.KEY}{dial.id}"
    speech.ask_key(speech.words("caller_gone"), worker_path("ring-back", key))


@bp.post("/family")
@carrier_only
def family_leg() -> ResponseReturnValue:
    """Write down what became of ringing a family back."""
    form = request.form
    with transaction() as session:
        dial_id = dialling.dial_of(request.args.get("key", ""))
        calls.note(
            session,
            call_sid(),
            f"family_{form.get('CallStatus', '')[:30]}",
            whole(form.get("SequenceNumber")),
            dial_id=dial_id,
        )
    return "", 204


@bp.post("/status")
@carrier_only
def status() -> ResponseReturnValue:
    """Take in a step of a worker's phone: for a call that is put through, or for an alert."""
    key, form = request.args.get("key", ""), request.form
    said = form.get("CallStatus", "")[:30]
    with transaction() as session:
        if key.startswith(dialling.KEY):
            dial_id = dialling.dial_of(key)
            dial = session.get(Dial, dial_id)
            if dial is None:
                raise NotFound("no such ring")
            sequence = whole(form.get("SequenceNumber"))
            about = {"dial_id": dial_id, "call_id": dial.call_id}
            calls.note(session, call_sid(), f"worker_{said}", sequence, **about)
            if said in FINAL:
                dialling.finish(session, service(), dial_id, FINAL[said])
        elif key.startswith(proof_rings.KEY):
            if said in FINAL:
                proof_rings.ended(session, proof_rings.ring_of(key), said)
        else:
            _alert_status(session, key, said)
    return "", 204


def _alert_status(session: Session, key: str, said: str) -> None:
    alert = session.scalar(select(Alert).where(Alert.key == key))
    if alert is None or alert.status is AlertStatus.ACKNOWLEDGED:
        return
    if said in FINAL:  # ended, and nobody said that they have it
        ladder.note_failure(session, service(), alert.id, said)


@bp.post("/alert")
@carrier_only
def alert() -> ResponseReturnValue:
    """Say an alert to whoever picked up; a key press says that they have it."""
    key = request.args.get("key", "")
    speech = Speech(service())
    with transaction() as session:
        found = session.scalar(select(Alert).where(Alert.key == key))
        if found is None:
            raise NotFound("no such alert")
        about = session.get_one(Handover, found.handover_id)
        said = alerts.words(service(), found, about, Channel.VOICE)
    action = worker_path("alert-key", key)
    speech.ask_key(speech.words("alert", words=said), action, wait=HALF, on_silence=False)
    speech.ask_key(speech.words("alert", words=""), action, wait=HALF)
    return twiml.answer(speech.document)


@bp.post("/alert-key")
@carrier_only
def alert_key() -> ResponseReturnValue:
    """Stop the ladder when a worker presses 1."""
    speech = Speech(service())
    with transaction() as session:
        found = session.scalar(select(Alert).where(Alert.key == request.args.get("key", "")))
        if found is None:
            raise NotFound("no such alert")
        if key_pressed() == TAKE:
            try:
                ladder.acknowledge(
                    session, service(), found.handover_id, found.worker_id, AlertWay.CALL
                )
            except Conflict:  # closed meanwhile: there is nothing left to have
                speech.say(speech.words("taken"))
            else:
                speech.say(speech.words("alert_thanks"))
    return twiml.answer(speech.hang_up().document)


@bp.post("/proof")
@carrier_only
def proof() -> ResponseReturnValue:
    """Say that this is a test; a key press proves that the worker can be reached here."""
    key = request.args.get("key", "")
    proof_rings.ring_of(key)
    speech = Speech(service())
    speech.ask_key(speech.words("proof"), worker_path("proof-key", key), wait=HALF)
    return twiml.answer(speech.document)


@bp.post("/proof-key")
@carrier_only
def proof_key() -> ResponseReturnValue:
    """Write down that a key was pressed."""
    speech = Speech(service())
    with transaction() as session:
        if key_pressed() == TAKE:
            proof_rings.proved(session, proof_rings.ring_of(request.args.get("key", "")))
            speech.say(speech.words("proof_thanks"))
    return twiml.answer(speech.hang_up().document)
