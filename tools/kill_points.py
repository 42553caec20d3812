"""Where the kill test ends a process: just before or just after something was done.

Nothing in the product knows of these points. A process that shall die at one of them wraps the
function in question when it starts, and kills itself, as `kill -9` would, at the nth time.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Point:
    """A place: `module:name` called, or a commit; `after` it was done, else before."""

    process: str  # web or jobs
    place: str
    after: bool

    def __str__(self) -> str:
        """Say it as the report does."""
        return f"{self.process}: {'after' if self.after else 'before'} {self.place}"


COMMIT = "commit"
POINTS = (
    # The web process: taking in a message.
    Point("web", "helpline.conversations:add_message", after=True),
    Point("web", "helpline.safety:screen", after=True),
    Point("web", "helpline.concerns:raise_concerns", after=False),
    Point("web", "helpline.handover:request", after=True),
    Point("web", "helpline.record:add", after=True),
    Point("web", "helpline.concerns:compose_words", after=True),
    Point("web", "helpline.jobs:enqueue", after=True),
    Point("web", COMMIT, after=False),
    Point("web", COMMIT, after=True),
    # The job runner: answering, the ladder, alerts, texts to families.
    Point("jobs", "helpline.answering:prepare", after=True),
    Point("jobs", "helpline.turns:ask", after=True),
    Point("jobs", "helpline.answering:apply_turn", after=True),
    Point("jobs", "helpline.ladder:take_step", after=False),
    Point("jobs", "helpline.ladder:take_step", after=True),
    Point("jobs", "helpline.alerts:raise_alert", after=True),
    Point("jobs", "helpline.alerts:prepare_send", after=True),
    Point("jobs", "telephony.carrier:TwilioLine.ring", after=False),
    Point("jobs", "telephony.carrier:TwilioLine.ring", after=True),
    Point("jobs", "telephony.carrier:TwilioLine.send_text", after=False),
    Point("jobs", "telephony.carrier:TwilioLine.send_text", after=True),
    Point("jobs", "helpline.alerts:note_sent", after=True),
    Point("jobs", "helpline.deliveries:start", after=True),
    Point("jobs", "helpline.deliveries:move_on", after=True),
    Point("jobs", COMMIT, after=False),
    Point("jobs", COMMIT, after=True),
)


def arm(point: Point, nth: int) -> None:
    """Have this process kill itself the `nth` time it comes to `point`."""
    left = iter(range(nth - 1))

    def die_in_time(*_args: object) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    if point.place == COMMIT:
        event.listen(Session, "after_commit" if point.after else "before_commit", die_in_time)
        return
    module, _, path = point.place.partition(":")
    holder: Any = import_module(module)
    *classes, name = path.split(".")
    for part in classes:
        holder = getattr(holder, part)
    setattr(holder, name, _wrapped(getattr(holder, name), die_in_time, after=point.after))


def _wrapped(
    function: Callable[..., Any], die: Callable[[], None], *, after: bool
) -> Callable[..., Any]:
    def stand_in(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it takes
        if not after:
            die()
        result = function(*args, **named)
        if after:
            die()
        return result

    return stand_in
