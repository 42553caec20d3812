"""Adding to the safeguarding record, and the whole of it to print, save as PDF or export.

Entries are only added. Each kind has a short form; an attempt to get through is one tap.
"""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from desk.access import actor, get_handover, me, note_view
from desk.actions import back_to
from desk.blueprint import bp
from desk.context import service
from desk.record_words import NUMBERS, RESULTS, entry_views
from desk.talk import talk_page
from desk.views import CHANNELS, KINDS, SEVERITIES, mask, message_views, prison_name, who
from helpline import inbox, record
from helpline.clock import LONDON, utcnow
from helpline.db import transaction
from helpline.enums import AttemptResult
from helpline.events import announce
from helpline.models import Conversation

Form = MultiDict[str, str]


def _attempt(form: Form) -> record.Entry:
    whom, number = NUMBERS.get(form.get("whom", ""), ("", ""))
    return record.Attempt(
        to=whom,
        number=number,
        result=AttemptResult(form.get("result", "")),
        at=utcnow(),
        note=form.get("note", "")[:200],
    )


def _told(form: Form) -> record.Entry:
    return record.Told(
        name=form.get("name", ""),
        role=form.get("role", ""),
        at=_at(form.get("at")),
        answer=form.get("text", "")[:2000],
    )


def _decision(form: Form) -> record.Entry:
    return record.Decision(text=form.get("text", ""), reason=form.get("reason", ""))


def _correction(form: Form) -> record.Entry:
    return record.Correction(text=form.get("text", ""), reason=form.get("reason", ""))


FORMS: dict[str, Callable[[Form], record.Entry]] = {
    "attempt": _attempt,
    "told": _told,
    "decision": _decision,
    "correction": _correction,
    "who": lambda form: record.Who(said_by=form.get("said_by", ""), about=form.get("about", "")),
    "fact": lambda form: record.Fact(text=form.get("text", "")),
    "hearsay": lambda form: record.Hearsay(text=form.get("text", "")),
    "opinion": lambda form: record.Opinion(text=form.get("text", "")),
    "outcome": lambda form: record.Outcome(text=form.get("text", "")),
}


@bp.post("/h/<int:handover_id>/record")
def record_post(handover_id: int) -> ResponseReturnValue:
    """Add one entry; it can never be changed, only corrected by a further one."""
    kind, form = request.form.get("kind", ""), request.form
    with transaction() as session:
        held = get_handover(session, handover_id)
        public_id = session.get_one(Conversation, held.conversation_id).public_id
    try:
        entry = FORMS[kind](form)
    except (KeyError, ValidationError, ValueError):
        problem = "Not added: something is missing. Say what and, where asked, why."
        return talk_page(public_id, problem=problem, status=422)
    corrects = form.get("corrects", "")
    with transaction() as session:
        record.add(
            session,
            handover_id,
            entry,
            author=actor(),
            worker_id=me(session).id,
            corrects_id=int(corrects) if corrects.isascii() and corrects.isdigit() else None,
        )
        announce(session, public_id)
    return back_to(public_id, "record")


@bp.get("/h/<int:handover_id>/record")
def record_page(handover_id: int) -> ResponseReturnValue:
    """Show the whole record on one page, made to be printed or saved as PDF."""
    with transaction() as session:
        content = _content(session, handover_id, "record_viewed")
        return make_response(render_template("desk/record.html", **content))


@bp.get("/h/<int:handover_id>/record.csv")
def record_csv(handover_id: int) -> ResponseReturnValue:
    """Give the record as a table in the order things happened."""
    with transaction() as session:
        content = _content(session, handover_id, "record_exported")
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["time (London)", "what", "who", "words"])
    for row in content["rows"]:
        table.writerow([_safe(cell) for cell in row])
    response = Response(text.getvalue(), mimetype="text/csv; charset=utf-8")
    name = f"record-{content['reference']}-{handover_id}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _content(session: Session, handover_id: int, action: str) -> dict[str, Any]:
    held = get_handover(session, handover_id)
    whole = record.gather(session, service().book, held.id)
    note_view(session, whole.conversation, action)
    messages = message_views(session, whole.messages)
    entries = entry_views(session, whole.entries)
    alerts = [
        (
            alert.created_at,
            f"Alert {alert.step}",
            alert.worker.name if alert.worker else "fallback number",
            f"by {alert.way.value}: {alert.status.value.replace('_', ' ')}",
        )
        for alert in whole.alerts
    ]
    attempts = [
        (
            attempt.at,
            f"Task: {task.kind.value.replace('_', ' ')}",
            attempt.worker.name if attempt.worker else "the service",
            RESULTS[attempt.result],
        )
        for task in whole.tasks
        for attempt in task.attempts
    ]
    said = [
        (view.at, "Message", view.who, _with_fate(plain.text, view.sent))
        for view, plain in zip(messages, whole.messages, strict=True)
    ]
    # On the page the guide's words look as the family saw them; the export has them as stored.
    shown = {
        (view.at, _with_fate(plain.text, view.sent)): view.html
        for view, plain in zip(messages, whole.messages, strict=True)
        if not view.sent
    }
    written = [(entry.at, entry.kind, entry.author, entry.words) for entry in entries]
    rows = sorted([*said, *alerts, *attempts, *written], key=lambda row: row[0])
    number = whole.reachable.number
    return {
        "held": held,
        "conversation": whole.conversation,
        "reference": inbox.reference(whole.conversation),
        "who": who(whole.conversation),
        "channel": CHANNELS[whole.conversation.channel],
        "prison": prison_name(whole.conversation.prison),
        "severity_words": SEVERITIES[held.severity],
        "concerns": [
            (KINDS[concern.kind], SEVERITIES[concern.severity], concern.raised_by.value)
            for concern in whole.concerns
        ],
        "reachable": whole.reachable,
        "safer_number": mask(number) if number else "",
        "rows": [(_stamp(at), what, by, words) for at, what, by, words in rows],
        "timeline": [(at, what, by, shown.get((at, words), words)) for at, what, by, words in rows],
        "printed_at": utcnow(),
    }


def _with_fate(text: str | None, fate: str) -> str:
    words = text if text is not None else "(removed)"
    return f"{words} [{fate}]" if fate else words


def _stamp(at: datetime) -> str:
    return at.astimezone(LONDON).strftime("%Y-%m-%d %H:%M:%S")


def _safe(cell: str) -> str:
    """Return a cell no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _at(clock: str | None) -> datetime:
    """Return the moment of a "14:05" today in London, or now when nothing was said."""
    now = utcnow()
    try:
        hours, minutes = (int(part) for part in (clock or "").split(":"))
        local = now.astimezone(LONDON).replace(hour=hours, minute=minutes, second=0, microsecond=0)
    except ValueError:
        return now
    return min(local, now)
