"""The job runner: what each job name does. It answers, alerts workers and keeps promises."""

import dataclasses
import logging

import procrastinate
import psycopg
import sqlalchemy.exc
from procrastinate import jobs as queue_jobs

from app.phone_jobs import add_phone_jobs
from app.wiring import build_assistant, build_line, build_service
from helpline import (
    alerts,
    answering,
    check_question,
    jobs,
    ladder,
    promises,
    retention,
    staffing,
    takeover,
    turns,
)
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.enums import AlertWay
from helpline.errors import PermanentFailure, TransientFailure
from helpline.ports import Assistant, Line
from helpline.service import Service
from helpline.settings import Settings
from telephony.carrier import TwilioLine

# A runner that died is noticed this many seconds after its last sign of life.
HEARTBEAT_SECONDS = 5.0
STALLED_AFTER_SECONDS = 20.0
CONCURRENCY = 8
POLL_SECONDS = 2.0
# How often the second net looks, for lost jobs and for those of a runner that died.
EVERY = "* * * * * */20"

log = logging.getLogger(__name__)

_RETRY = procrastinate.RetryStrategy(
    max_attempts=8,
    exponential_wait=2,
    retry_exceptions=(TransientFailure, sqlalchemy.exc.OperationalError, psycopg.OperationalError),
)


def answer_message(service: Service, assistant: Assistant, message_id: int) -> None:
    """Answer one family message: read, ask with no transaction open, write."""
    with transaction() as session:
        question = answering.prepare(session, message_id)
    if question is None:
        return
    replies = turns.ask(assistant, service.guide, question.key, question.text, question.context)
    turn = turns.compose_turn(service.guide, replies, question.context.channel, question.severity)
    with transaction() as session:
        answering.apply_turn(session, service, message_id, turn)
    log.info("message answered", extra={"message_id": message_id, "outcome": turn.outcome})


def send_alert(service: Service, line: Line, alert_id: int) -> None:
    """Send one alert: mark it, ask the carrier with no transaction open, write down how it went.

    A carrier that fails for now is asked again a few times (the job's retries); one that fails for
    good hands over to the worker's other way or to the next person.
    """
    with transaction() as session:
        going = alerts.prepare_send(session, service, alert_id)
    if going is None:
        return
    try:
        sid = _ask(line, going)
        if going.again and _is_of_another(sid, alert_id):
            # What the carrier found is a call about something else: this one was never made.
            sid = _ask(line, dataclasses.replace(going, again=False))
    except TransientFailure:
        with transaction() as session:
            if alerts.may_try_again(session, alert_id):
                raise
            ladder.note_failure(session, service, alert_id, "carrier_down")
        return
    except PermanentFailure as failure:
        with transaction() as session:
            ladder.note_failure(session, service, alert_id, str(failure))
        return
    with transaction() as session:
        alerts.note_sent(session, alert_id, sid)
    log.info("alert sent", extra={"alert_id": alert_id, "way": going.way})


def _ask(line: Line, going: alerts.Outgoing) -> str:
    if going.way is AlertWay.TEXT:
        return line.send_text(going.to, going.body, going.key, again=going.again)
    return line.ring_worker(going.to, going.handover_id, going.key, again=going.again)


def _is_of_another(sid: str, alert_id: int) -> bool:
    with transaction() as session:
        known = alerts.find_by_sid(session, sid)
        return known is not None and known.id != alert_id


def watch(service: Service) -> None:
    """Take whatever step, promise or alert is due and has lost its job: the second net."""
    with transaction() as session:
        steps = ladder.sweep(session, service)
        alarms = promises.sweep(session, service)
        unsent = ladder.requeue_unsent(session)
    if steps or unsent:
        log.warning("lost jobs were made good", extra={"steps": steps, "alerts": unsent})
    if alarms:
        log.error("promises were missed", extra={"alarms": alarms})


def build_jobs(
    service: Service,
    assistant: Assistant,
    line: TwilioLine,
    connector: procrastinate.BaseConnector,
) -> procrastinate.App:
    """Return the queue with every task it runs: one for each name in helpline.jobs, and upkeep."""
    queue = procrastinate.App(connector=connector)
    add_phone_jobs(queue, service, line, _RETRY)

    @queue.task(name=jobs.ANSWER_MESSAGE, retry=_RETRY)
    def _answer_message(message_id: int) -> None:
        answer_message(service, assistant, message_id)

    _add_clock(queue, service, line)
    _add_upkeep(queue, service, assistant)
    return queue


def _add_clock(queue: procrastinate.App, service: Service, line: Line) -> None:
    """Add what brings a person: the ladder's steps, the alerts, the promises, the second net."""

    @queue.task(name=jobs.LADDER_STEP, retry=_RETRY)
    def _ladder_step(handover_id: int, step: int) -> None:
        with transaction() as session:
            ladder.take_step(session, service, handover_id, step)

    @queue.task(name=jobs.SEND_ALERT, retry=_RETRY)
    def _send_alert(alert_id: int) -> None:
        send_alert(service, line, alert_id)

    @queue.task(name=jobs.KEEP_PROMISE, retry=_RETRY)
    def _keep_promise(handover_id: int) -> None:
        with transaction() as session:
            promises.keep_promise(session, service, handover_id)

    @queue.task(name=jobs.CHECK_PROMISE, retry=_RETRY)
    def _check_promise(handover_id: int) -> None:
        with transaction() as session:
            promises.check_promise(session, service, handover_id)

    @queue.task(name=jobs.CHECK_SILENCE, retry=_RETRY)
    def _check_silence(message_id: int) -> None:
        with transaction() as session:
            check_question.note_silence(session, message_id)

    @queue.task(name=jobs.HAND_BACK, retry=_RETRY)
    def _hand_back(handover_id: int) -> None:
        with transaction() as session:
            takeover.hand_back_if_silent(session, service, handover_id)

    @queue.periodic(cron=EVERY)
    @queue.task(name="watch", queueing_lock="watch")
    def _watch(timestamp: int) -> None:
        del timestamp
        watch(service)


def _add_upkeep(queue: procrastinate.App, service: Service, assistant: Assistant) -> None:
    """Add what runs by the clock: warnings, retention, jobs of a runner that died."""

    @queue.periodic(cron="7 * * * *")
    @queue.task(name="warn_of_gaps", queueing_lock="warn_of_gaps")
    def _warn_of_gaps(timestamp: int) -> None:
        del timestamp
        with transaction() as session:
            staffing.warn_of_gaps(session, service, utcnow())

    @queue.periodic(cron="17 * * * *")
    @queue.task(name="remove_old_words", queueing_lock="remove_old_words")
    def _remove_old_words(timestamp: int) -> None:
        del timestamp
        with transaction() as session:
            keys = retention.remove_old_words(session, service.settings, utcnow())
        for key in keys:
            assistant.forget(key)

    @queue.periodic(cron=EVERY)
    @queue.task(name="revive_stalled_jobs", queueing_lock="revive_stalled_jobs", pass_context=True)
    async def _revive(context: procrastinate.JobContext, timestamp: int) -> None:
        del context, timestamp
        await revive_stalled(queue)


async def revive_stalled(queue: procrastinate.App) -> None:
    """Give back to the queue what a killed runner left marked as running."""
    manager = queue.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        if job.queueing_lock is not None:
            # It comes again by the clock. The next one may be queued already: giving this one back
            # would be refused, and with it all that stand behind it in this list.
            await manager.finish_job(job, queue_jobs.Status.ABORTED, delete_job=True)
            continue
        log.warning("stalled job revived", extra={"job_id": job.id, "job_name": job.task_name})
        await manager.retry_job(job)


def run_jobs(settings: Settings) -> None:
    """Run jobs until told to stop by SIGTERM or SIGINT."""
    service = build_service(settings)
    connector = procrastinate.PsycopgConnector(conninfo=settings.database_url)
    queue = build_jobs(service, build_assistant(settings), build_line(settings), connector)
    work(queue)


def work(queue: procrastinate.App) -> None:
    """Take jobs from `queue` until told to stop."""
    queue.run_worker(
        name="job runner",
        concurrency=CONCURRENCY,
        fetch_job_polling_interval=POLL_SECONDS,
        shutdown_graceful_timeout=10.0,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_AFTER_SECONDS,
        delete_jobs=queue_jobs.DeleteJobCondition.SUCCESSFUL,
    )
