"""The job runner as production builds it, with a made-up assistant. Started by conftest.py."""

import procrastinate

from app import logs
from app.environment import load_settings
from app.runner import build_jobs
from app.wiring import build_line, build_service
from helpline.enums import Outcome
from helpline.errors import TransientFailure
from helpline.guide.replies import (
    AnswerReply,
    Choice,
    ClarifyReply,
    Reply,
    SourceRef,
    TrailReply,
)
from helpline.ports import FakeAssistant

CHOICES = (
    Choice(label="How do they get to see a doctor or nurse?", payload="/seeing-doctor-or-nurse"),
    Choice(label="They won't tell me anything", payload="/they-wont-tell-me-anything"),
)


def reply(text: str) -> tuple[Reply, ...]:
    """Answer as the assistant would; the words "unsure" and "broken" ask for other turns."""
    if "broken" in text:
        message = "fake assistant: told to fail"
        raise TransientFailure(message)
    if "unsure" in text:
        return (
            ClarifyReply(text="Which of these is closest?", choices=CHOICES),
            TrailReply(topic=None, confidence=0.4, outcome=Outcome.CLARIFIED),
        )
    return (
        AnswerReply(
            topic="medication-on-arrival",
            revision_id=None,
            text="Yes, they should get their medicine.\n\n1. Ring the prison.\n2. Ask for "
            "**healthcare**.\n\nIf it gets worse, call [999](tel:999).",
            sources=(
                SourceRef(title="A guide", url="https://example.org/guide", seen="2026-11-21"),
            ),
            last_checked="2026-11-20",
            approved=False,
            next=CHOICES,
        ),
        TrailReply(topic="medication-on-arrival", confidence=0.9, outcome=Outcome.ANSWERED),
    )


def main() -> None:
    """Run jobs until SIGTERM."""
    settings = load_settings()
    logs.configure("jobs", json=False)
    connector = procrastinate.PsycopgConnector(conninfo=settings.database_url)
    assistant = FakeAssistant(default=reply)
    queue = build_jobs(build_service(settings), assistant, build_line(settings), connector)
    queue.run_worker(concurrency=2, fetch_job_polling_interval=0.5)


if __name__ == "__main__":
    main()
