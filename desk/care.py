"""Care for the worker: a short check-in after a hard conversation, and a way to the lead."""

from datetime import timedelta

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from desk.access import actor, get_handover
from desk.blueprint import bp
from desk.viewer import viewer
from helpline import audit, tasks
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.enums import Severity, TaskKind
from helpline.models import Worker

TALK_WITHIN = timedelta(hours=24)


@bp.get("/h/<int:handover_id>/care")
def care(handover_id: int) -> ResponseReturnValue:
    """Ask how the worker is, once a conversation has ended. Nothing has to be answered."""
    with transaction() as session:
        held = get_handover(session, handover_id)
        leads = session.scalars(
            select(Worker.name).where(Worker.active, Worker.duty_lead).order_by(Worker.name)
        ).all()
        return make_response(
            render_template(
                "desk/care.html",
                held=held,
                hard=held.severity is not Severity.NONE,
                leads=leads,
                asked=request.args.get("asked") == "yes",
            )
        )


@bp.post("/h/<int:handover_id>/care")
def care_post(handover_id: int) -> ResponseReturnValue:
    """Ask a lead to get in touch. Only that it was asked is kept, never why."""
    with transaction() as session:
        held = get_handover(session, handover_id)
        tasks.open_task(
            session,
            TaskKind.CHECK_IN,
            due_at=utcnow() + TALK_WITHIN,
            opened_by=actor(),
            key=f"check-in-{held.id}-{viewer().worker_id}",
            worker_id=viewer().worker_id,
        )
        audit.record(
            session,
            actor=actor(),
            action="check_in_asked",
            subject_type="handover",
            subject_id=held.id,
        )
    return redirect(url_for("desk.care", handover_id=handover_id, asked="yes"), 303)
