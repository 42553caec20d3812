"""The job runner: what each job name does. It answers messages, alerts workers, keeps promises."""

import logging

import procrastinate
import psycopg
import sqlalchemy.exc
from procrastinate import jobs as queue_jobs

from app.phone_jobs import add_phone_jobs
from app.wiring import build_assistant, build_line, build_service
from helpline import answering, audit, handover, jobs, retention, takeover, turns
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.errors import TransientFailure
from helpline.models import Handover
from helpline.ports import Assistant
from helpline.service import Service
from helpline.settings import Settings
from telephony.carrier import TwilioLine

# A runner that died is noticed this many seconds after its last sign of life.
HEARTBEAT_SECONDS = 5.0
STALLED_AFTER_SECONDS = 20.0
CONCURRENCY = 8

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


def alert_worker(handover_id: int) -> None:
    """Tell the named worker that a family needs them, and record that they were told."""
    with transaction() as session:
        waiting = session.get_one(Handover, handover_id)
        audit.record(
            session,
            actor="clock",
            action="worker_alerted",
            subject_type="handover",
            subject_id=waiting.id,
            worker_id=waiting.worker_id,
            severity=waiting.severity,
        )
        log.warning(
            "a person is needed",
            extra={
                "handover_id": waiting.id,
                "severity": waiting.severity,
                "worker_id": waiting.worker_id,
            },
        )


def build_jobs(
    service: Service,
    assistant: Assistant,
    line: TwilioLine,
    connector: procrastinate.BaseConnector,
) -> procrastinate.App:
    """Return the queue with every task it runs: one for each name in helpline.jobs."""
    queue = procrastinate.App(connector=connector)
    add_phone_jobs(queue, service, line, _RETRY)

    @queue.task(name=jobs.ANSWER_MESSAGE, retry=_RETRY)
    def _answer_message(message_id: int) -> None:
        answer_message(service, assistant, message_id)

    @queue.task(name=jobs.ALERT_WORKER, retry=_RETRY)
    def _alert_worker(handover_id: int) -> None:
        alert_worker(handover_id)

    @queue.task(name=jobs.KEEP_PROMISE, retry=_RETRY)
    def _keep_promise(handover_id: int) -> None:
        with transaction() as session:
            handover.keep_promise(session, service, handover_id)

    @queue.task(name=jobs.HAND_BACK, retry=_RETRY)
    def _hand_back(handover_id: int) -> None:
        with transaction() as session:
            takeover.hand_back_if_silent(session, service, handover_id)

    @queue.periodic(cron="17 * * * *")
    @queue.task(name="remove_old_words", queueing_lock="remove_old_words")
    def _remove_old_words(timestamp: int) -> None:
        del timestamp
        with transaction() as session:
            keys = retention.remove_old_words(session, service.settings, utcnow())
        for key in keys:
            assistant.forget(key)

    @queue.periodic(cron="* * * * * */20")
    @queue.task(name="revive_stalled_jobs", queueing_lock="revive_stalled_jobs", pass_context=True)
    async def _revive(context: procrastinate.JobContext, timestamp: int) -> None:
        """Give back to the queue what a killed runner left marked as running."""
        del context, timestamp
        manager = queue.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
            log.warning("stalled job revived", extra={"job_id": job.id, "job_name": job.task_name})
            await manager.retry_job(job)

    return queue


def run_jobs(settings: Settings) -> None:
    """Run jobs until told to stop by SIGTERM or SIGINT."""
    service = build_service(settings)
    connector = procrastinate.PsycopgConnector(conninfo=settings.database_url)
    queue = build_jobs(service, build_assistant(settings), build_line(settings), connector)
    queue.run_worker(
        name="job runner",
        concurrency=CONCURRENCY,
        fetch_job_polling_interval=2.0,
        shutdown_graceful_timeout=10.0,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_AFTER_SECONDS,
        delete_jobs=queue_jobs.DeleteJobCondition.SUCCESSFUL,
    )
