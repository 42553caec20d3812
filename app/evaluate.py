"""`make evaluate`: run messages through the path of a live first message, and store nothing.

The words, the thresholds and the order are those of a live turn: the safety screen, the safety
reply with the rota's promise, the assistant, and the same composition of what is said.
"""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import track

from app.evaluation_summary import summarise
from helpline import check_question, concerns, handover, safety, turns
from helpline.clock import london_date, utcnow
from helpline.conversations import MAX_TEXT, clean
from helpline.db import transaction
from helpline.enums import Channel, Outcome, Severity
from helpline.guide.prisons import PrisonMention
from helpline.models import Contact, Conversation
from helpline.ports import Assistant, TurnContext
from helpline.service import Service

SOMETHING_ELSE = "/something-else"


class EvaluationError(Exception):
    """The input file is wrong; the text names the line and the reason."""


@dataclass(frozen=True)
class Case:
    """One line of the input: the message, and whatever labels came with it."""

    id: str
    text: str
    channel: Channel
    labels: dict[str, Any]


def read_cases(path: Path) -> list[Case]:
    """Read a JSON Lines file of `{"id", "text", "channel"}`. Raises EvaluationError."""
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            cases.append(
                Case(
                    id=str(row["id"]),
                    text=row["text"],
                    channel=Channel(row.get("channel") or "web"),
                    labels=row,
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            message = f"{path.name}, line {number}: {error}"
            raise EvaluationError(message) from error
    return cases


def evaluate(
    service: Service, assistant: Assistant, cases: Sequence[Case]
) -> Iterator[dict[str, Any]]:
    """Yield one result for each case, as design section 4 names its fields."""
    for case in cases:
        yield {"id": case.id, **first_message(service, assistant, case.text, case.channel)}


def first_message(
    service: Service, assistant: Assistant, raw: str, channel: Channel
) -> dict[str, Any]:
    """Return what a family would get for this text as the first message of a conversation."""
    text = clean(raw)[:MAX_TEXT]
    if not text:
        return _result(
            turns.Turn(drafts=(), outcome=Outcome.UNANSWERED),
            None,
            Severity.NONE,
            [service.guide.phrase("empty_message", channel)],
        )
    now = utcnow()
    screening = safety.screen(text, today=london_date(now))
    mention = service.guide.find_prisons(text, answering=False)
    context = TurnContext(
        channel=channel, prison=mention.prison, prison_candidates=mention.candidates
    )
    key = "e" + secrets.token_hex(16)
    replies = turns.ask(assistant, service.guide, key, text.lstrip("/ ") or text, context)
    assistant.forget(key)
    turn = turns.compose_turn(service.guide, replies, channel, screening.severity)
    said: list[str] = []
    second = turn.concern
    if second is not None and second.severity.rank > screening.severity.rank:
        whom = check_question.about(second.concern)
        found = safety.ConcernFound(second.concern, second.severity, ("model",), whom)
        screening = safety.Screening(concerns=(found,), severity=second.severity, about=whom)
    # Never added to the session: nothing of an evaluation is stored. The number is not withheld.
    contact = Contact(channel=channel, address_encrypted="known")
    conversation = Conversation(channel=channel, prison=mention.prison, contact=contact)
    with transaction() as session:
        if screening.severity is not Severity.NONE:
            promise = service.promise(session, screening.severity, mention.prison, now)
            said.append(
                concerns.compose_words(service, screening, conversation, promise, now, again=False)
            )
        said.extend(draft.text for draft in turn.drafts)
        if turn.handover is not None and screening.severity is Severity.NONE:
            promise = service.promise(session, Severity.NONE, mention.prison, now)
            said.append(handover.person_words(service, channel, promise, now))
    doubtful = screening.check or turn.check is not None
    if doubtful and screening.severity is Severity.NONE:
        said.append(service.guide.phrase("check_question", channel))
    concern = screening.concerns[0].kind if screening.concerns else None
    return _result(turn, concern, screening.severity, said, mention)


def _result(
    turn: turns.Turn,
    concern: str | None,
    severity: Severity,
    said: Sequence[str],
    mention: PrisonMention | None = None,
) -> dict[str, Any]:
    """Return one line of output: the contract's fields, then what our own summary counts."""
    mention = mention or PrisonMention()
    asked = [choice for draft in turn.drafts if draft.kind == "clarify" for choice in draft.choices]
    return {
        "topic": turn.topic,
        "confidence": round(turn.confidence, 4),
        "alternatives": [
            {"topic": score.topic, "confidence": round(score.confidence, 4)}
            for score in turn.alternatives
        ],
        "concern": concern,
        "severity": severity.value,
        "outcome": turn.outcome.value,
        "reply": "\n\n".join(said),
        "answered": [draft.topic for draft in turn.drafts if draft.topic is not None],
        "offered": [c.payload.removeprefix("/") for c in asked if c.payload != SOMETHING_ELSE],
        "prison": mention.prison,
        "prison_candidates": list(mention.candidates),
    }


def run(service: Service, assistant: Assistant, source: Path, target: Path) -> str:
    """Evaluate `source` into `target`, line by line, and return the summary to print."""
    cases = read_cases(source)
    results = []
    with target.open("w", encoding="utf-8") as out:
        for result in track(
            evaluate(service, assistant, cases), total=len(cases), description="Evaluating"
        ):
            out.write(json.dumps(result, ensure_ascii=False) + "\n")
            results.append(result)
    return summarise([case.labels for case in cases], results)
