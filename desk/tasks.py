"""Work with a due time: call backs, voicemail, failed texts, missed promises, gaps in the rota."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from desk.access import actor, me
from desk.blueprint import bp
from desk.context import service
from desk.record_words import RESULTS
from desk.viewer import viewer
from desk.views import prison_name, who
from desk.words import day_and_clock
from helpline import audit, calls, inbox, safe_contact, tasks
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.enums import AttemptResult, TaskKind, TaskStatus
from helpline.errors import Conflict, NotFound
from helpline.models import Conversation, Task, TaskAttempt, Voicemail, Worker

KIND_WORDS = {
    TaskKind.CALL_BACK: "Call back",
    TaskKind.VOICEMAIL: "Voicemail to listen to",
    TaskKind.FAILED_TEXT: "A text did not arrive",
    TaskKind.TEXTING_BARRED: "They asked for no more texts",
    TaskKind.MISSED_PROMISE: "A promised time has passed",
    TaskKind.CHECK_IN: "A colleague would like to talk",
    TaskKind.ROTA_GAP: "Nobody is on the rota",
    TaskKind.CHECK_HOLIDAYS: "Compare the bank holidays with gov.uk",
}
RUNG = {TaskKind.CALL_BACK, TaskKind.VOICEMAIL, TaskKind.FAILED_TEXT, TaskKind.CHECK_IN}
NEXT_TRY = timedelta(minutes=30)
DONE_SHOWN = 50
LISTS = {"open": "To do", "mine": "Mine", "done": "Done"}


@dataclass(frozen=True)
class TaskView:
    """One task as a list shows it."""

    id: int
    words: str
    severity: str
    due_at: datetime
    late: bool
    status: str
    owner: str
    mine: bool
    open: bool
    outcome: str
    talk_id: str
    who: str
    prison: str
    safe: str
    rings: bool
    extra: str
    voicemail: int | None  # its seconds, None when there is nothing to hear
    may_ring: bool
    attempts: list[tuple[datetime, str, str]]


@bp.get("/tasks", endpoint="tasks")
def task_list() -> ResponseReturnValue:
    """List what is to do, most severe and soonest due first."""
    return _page()


@bp.post("/tasks/<int:task_id>/own")
def task_own_post(task_id: int) -> ResponseReturnValue:
    """Make it one's own."""
    with transaction() as session:
        tasks.own(session, task_id, me(session).id)
    return _back(task_id)


@bp.post("/tasks/<int:task_id>/back")
def task_back_post(task_id: int) -> ResponseReturnValue:
    """Put it back for anyone."""
    with transaction() as session:
        tasks.give_back(session, task_id, me(session).id)
    return _back(task_id)


@bp.post("/tasks/<int:task_id>/attempt")
def task_attempt_post(task_id: int) -> ResponseReturnValue:
    """Write down one try with one tap; the next is due in half an hour unless they were reached."""
    try:
        result = AttemptResult(request.form.get("result", ""))
    except ValueError:
        abort(400)
    with transaction() as session:
        again = None if result is AttemptResult.REACHED else utcnow() + NEXT_TRY
        tasks.attempt(session, task_id, me(session).id, result, next_due_at=again)
    return _back(task_id)


@bp.post("/tasks/<int:task_id>/end")
def task_end_post(task_id: int) -> ResponseReturnValue:
    """End it, done or given up, with words that say how."""
    end = tasks.give_up if request.form.get("how") == "give up" else tasks.complete
    try:
        with transaction() as session:
            end(session, task_id, me(session).id, request.form.get("outcome", "")[:2000])
    except ValueError:
        return _page(problem="Say in a few words how it ended.", status=422)
    except Conflict:
        return _page(problem="That task has ended already.", status=409)
    return _back(task_id)


@bp.get("/tasks/<int:task_id>/voicemail")
def voicemail(task_id: int) -> ResponseReturnValue:
    """Give the sound of a message left after the tone; who listened is in the trail."""
    with transaction() as session:
        found = session.scalar(select(Voicemail).where(Voicemail.task_id == task_id))
        if found is None or found.sound is None:
            raise NotFound("no such voicemail")
        audit.record(
            session,
            actor=actor(),
            action="voicemail_listened",
            subject_type="task",
            subject_id=task_id,
        )
        sound = service().book.open_bytes(found.sound)
    response = Response(sound, mimetype="audio/wav")
    response.headers["Content-Disposition"] = f'attachment; filename="voicemail-{task_id}.wav"'
    return response


def _page(*, problem: str = "", status: int = 200) -> Response:
    shown = request.args.get("show", "open")
    if shown not in LISTS:
        abort(404)
    now = utcnow()
    with transaction() as session:
        rows = _rows(session, shown)
        views = [_view(session, task, now) for task in rows]
        page = render_template(
            "desk/tasks.html",
            tasks=views,
            shown=shown,
            lists=LISTS,
            results=RESULTS,
            problem=problem,
            now=now,
        )
    return make_response(page, status)


def _rows(session: Session, shown: str) -> list[Task]:
    if shown == "mine":
        return list(tasks.list_open(session, owner_id=viewer().worker_id))
    if shown == "open":
        return list(tasks.list_open(session))
    return list(
        session.scalars(
            select(Task)
            .where(Task.status.in_((TaskStatus.DONE, TaskStatus.GIVEN_UP)))
            .options(selectinload(Task.attempts).joinedload(TaskAttempt.worker))
            .order_by(Task.completed_at.desc())
            .limit(DONE_SHOWN)
        )
    )


def _view(session: Session, task: Task, now: datetime) -> TaskView:
    talk = (
        session.get(Conversation, task.conversation_id)
        if task.conversation_id is not None
        else None
    )
    still = task.status in {TaskStatus.OPEN, TaskStatus.OWNED}
    may = talk is not None and (
        viewer().is_lead or inbox.may_open(session, talk, viewer().worker_id)
    )
    return TaskView(
        id=task.id,
        words=KIND_WORDS.get(task.kind, task.kind.value.replace("_", " ").capitalize()),
        severity=task.severity.value,
        due_at=task.due_at,
        late=still and task.due_at < now,
        status=task.status.value,
        owner=task.owner.name if task.owner else "",
        mine=task.owner_id is not None and task.owner_id == viewer().worker_id,
        open=still,
        outcome=task.outcome or "",
        talk_id=str(talk.public_id) if talk is not None and may else "",
        who=who(talk) if talk is not None else "",
        prison=prison_name(talk.prison) if talk is not None else "",
        safe=_safe(session, talk) if talk is not None else "",
        rings=task.kind in RUNG,
        extra=_colleague(session, task) or _gap(task),
        voicemail=session.scalar(
            select(Voicemail.seconds).where(
                Voicemail.task_id == task.id, Voicemail.sound.is_not(None)
            )
        ),
        may_ring=talk is not None
        and may
        and calls.number_to_ring(session, service(), talk.id) is not None,
        attempts=[
            (tried.at, tried.worker.name if tried.worker else "the service", RESULTS[tried.result])
            for tried in task.attempts
        ],
    )


def _safe(session: Session, talk: Conversation) -> str:
    """Say before anyone dials what the family said about being reached."""
    known = safe_contact.answers(session, service().book, talk.id)
    said = {True: "yes", False: "NO", None: "not asked"}
    return (
        f"Safe to call: {said[known.may_call]}. Text: {said[known.may_text]}. "
        f"Leave a message: {said[known.may_leave_message]}."
    )


def _colleague(session: Session, task: Task) -> str:
    """Say who asked for a talk."""
    asked = task.details.get("worker_id") if task.kind is TaskKind.CHECK_IN else None
    worker = session.get(Worker, asked) if asked is not None else None
    return f"{worker.name} asked for a talk after a hard conversation." if worker else ""


def _gap(task: Task) -> str:
    starts, ends = task.details.get("starts"), task.details.get("ends")
    if task.kind is not TaskKind.ROTA_GAP or not starts or not ends:
        return ""
    first, last = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
    return f"From {day_and_clock(first)} to {day_and_clock(last)}."


def _back(task_id: int) -> Response:
    shown = request.args.get("show")
    target = url_for("desk.tasks", show=shown if shown in LISTS else None, _anchor=f"t-{task_id}")
    return make_response(redirect(target, 303))
