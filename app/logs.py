"""One log line per event: time, level, process, message, then `key=value`.

Logs outlive conversations and are read by more people, so they carry ids and enums only. Whatever
else is handed in is left out and its key named under `refused`, which a test and an operator can
see; nothing is raised, because a service must not fall over its own log.
"""

import json
import logging
import logging.config
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID

from helpline.settings import PROJECT_ROOT

# What `extra=` may hold. A new key is added here, with a thought about what it could carry.
KEYS = frozenset({
    "message_id", "conversation_id", "conversation_key", "contact_id", "concern_id",
    "handover_id", "worker_id",
    "shift_id", "topic_id", "revision_id", "job_id", "job_name", "audit_id", "model_id",
    "channel", "outcome", "severity", "concern", "reason", "status", "kind", "phrase", "prison",
    "rule", "count", "attempt", "seconds", "http_status", "port", "error",
})  # fmt: skip
# Our packages. Other libraries' messages are theirs to word; ours may not carry free text.
OURS = ("helpline", "app", "web", "desk", "telephony", "bot", "actions")
# These write addresses with tokens, or every statement, at INFO.
QUIET = {
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "alembic": "WARNING",
    "procrastinate": "WARNING",  # three lines for each job; the runner says what came of it
    "rasa_sdk": "WARNING",
    "sanic": "WARNING",
    "circus": "ERROR",
}

_WORD = re.compile(r"[a-z0-9][a-z0-9_.:/-]{0,79}")  # enums and ids; names begin with a capital
_TYPE_NAME = re.compile(r"[A-Z][A-Za-z]{2,59}")  # `error` holds the name of an exception's type
_TELEPHONE = re.compile(r"[\d.:/-]{7,}")
_HIGHEST_ID = 10**9  # above that a whole number may be somebody's telephone
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def configure(process: str, *, json: bool = False, level: str = "INFO") -> None:
    """Send this process's log to standard error, one safe line an event, errors included."""
    logging.config.dictConfig(config(process, json=json, level=level))
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_thread_death
    sys.excepthook = _log_death


def config(process: str, *, json: bool = False, level: str = "INFO") -> dict[str, Any]:
    """Return the same as a `dictConfig`, for programs that insist on their own set-up."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": LineFormatter, "process": process, "as_json": json}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {name: {"level": quiet} for name, quiet in QUIET.items()},
    }


class LineFormatter(logging.Formatter):
    """Write a record as one line of plain words or of JSON, refusing what is no id and no enum."""

    def __init__(self, process: str, *, as_json: bool = False) -> None:
        super().__init__()
        self._process = process
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. It never holds an exception's own text, which may quote a message."""
        ours = record.name.partition(".")[0] in OURS
        fields, refused = _fields(record, ours=ours)
        if record.exc_info and record.exc_info[0] is not None:
            fields |= _exception(record.exc_info[1])
        if refused:
            fields["refused"] = ",".join(sorted(refused))
        message = _message(record, ours=ours)
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        if self._as_json:
            head = {"time": at, "level": record.levelname, "process": self._process}
            return json.dumps(head | {"message": message} | fields)
        pairs = "".join(f" {key}={value}" for key, value in fields.items())
        return f"{at} {record.levelname} {self._process} {message}{pairs}"


def _fields(record: logging.LogRecord, *, ours: bool) -> tuple[dict[str, Any], set[str]]:
    fields: dict[str, Any] = {}
    refused = set()
    for key, value in record.__dict__.items():
        if key in _STANDARD:
            continue
        shown = _safe(value, key)
        if key in KEYS and shown is not None:
            fields[key] = shown
        elif ours and value is not None:
            refused.add(key)
    return fields, refused


def _safe(value: object, key: str = "") -> str | int | float | None:
    """Return an id, a number or an enum as it may be logged; None for anything else."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, int | float):
        return value if abs(value) < _HIGHEST_ID else None
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str) or _TELEPHONE.fullmatch(value):
        return None
    allowed = _TYPE_NAME if key == "error" else _WORD
    return value if allowed.fullmatch(value) else None


def _message(record: logging.LogRecord, *, ours: bool) -> str:
    """Return the message on one line; our own only as the literal that stands in the code."""
    args = record.args if isinstance(record.args, tuple) else ()
    if ours and ((record.args and not args) or any(_safe(arg) is None for arg in args)):
        words = str(record.msg)
    else:
        words = record.getMessage()
    return " ".join(words.split())


def _exception(error: BaseException | None) -> dict[str, str]:
    """Name an exception, its causes and where it was raised, without quoting any of them."""
    names: list[str] = []
    where: list[str] = []
    seen: set[int] = set()
    cause = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        state = getattr(cause, "sqlstate", None)
        names.append(type(cause).__name__ + (f"[{state}]" if state else ""))
        where = where or _frames(cause.__traceback__)
        cause = cause.__cause__ or cause.__context__
    found = {"exception": "<".join(names), "where": "<".join(where)}
    if isinstance(error, ImportError):  # it names modules and nothing else
        found["missing"] = str(error.name or error.msg)
    return found


def _frames(trace: TracebackType | None) -> list[str]:
    """Return the last frames, innermost first, as file:line:function."""
    frames = traceback.extract_tb(trace)[-6:]
    return [f"{_short(frame.filename)}:{frame.lineno}:{frame.name}" for frame in reversed(frames)]


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(PROJECT_ROOT) and ".venv" not in path.parts:
        return str(path.relative_to(PROJECT_ROOT))
    return "/".join(path.parts[-2:])


def _log_death(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("app").critical("process failed", exc_info=(kind, error, trace))


def _log_thread_death(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        logging.getLogger("app").error(
            "thread failed", exc_info=(args.exc_type, args.exc_value, args.exc_traceback)
        )
