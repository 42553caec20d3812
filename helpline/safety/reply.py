"""The words that answer danger: approved fragments, put together in a fixed order.

The order is that of the safety notes, section 2: take it seriously, what to do now, who comes and
by when, day and night lines, who is talking, is it safe to reply. Tokens are left in the text for
the guide to resolve, because the prison decides what they say.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from helpline.enums import Channel, ConcernKind, Severity
from helpline.errors import GuideError
from helpline.safety.rulebook import About
from helpline.safety.screen import Screening

FILE = Path(__file__).resolve().parents[2] / "guide_content" / "safety" / "reply.yml"
PARTS = (
    "closed",
    "death",
    "worker",
    "day_and_night",
    "automated",
    "safe_contact",
    "safe_contact_no_number",
    "again",
)

type _Words = Mapping[str, str]


def compose(
    screening: Screening,
    *,
    channel: Channel,
    staffed_now: bool,
    worker: str,
    by_words: str,
    callback_possible: bool = True,
    again: bool = False,
) -> str:
    """Return the reply to a screening that found a concern, its tokens not yet resolved.

    `worker` and `by_words` are the rota's promise; `staffed_now` is whether that worker is on duty.
    `callback_possible` is false for a hidden number: nothing is then promised on "this number".
    `again` gives the short form for a further message while the first still waits.
    """
    fragments = _fragments()
    kind = screening.concerns[0].kind

    def part(words: _Words) -> str:
        text = words[channel.value].strip()
        return text.replace("{worker}", worker).replace("{time}", by_words)

    opening = part(fragments["opening"][kind.value])
    steps = part(_steps(fragments, screening, kind))
    if again:
        parts = [steps, part(fragments["again"])]
    else:
        contact = "safe_contact" if callback_possible else "safe_contact_no_number"
        parts = [
            opening,
            *([] if staffed_now else [part(fragments["closed"])]),
            steps,
            part(fragments["worker"]),
            part(fragments["day_and_night"]),
            part(fragments["automated"]),
            part(fragments[contact]),
        ]
    return _join(parts, channel)


def _steps(fragments: Mapping[str, Any], screening: Screening, kind: ConcernKind) -> _Words:
    if kind is ConcernKind.DEATH and screening.severity is not Severity.IMMEDIATE:
        words: _Words = fragments["death"]
        return words
    when = "act_now" if screening.severity is Severity.IMMEDIATE else "same_day"
    who = "caller" if screening.about is About.CALLER else "inside"
    chosen: _Words = fragments[when][who]
    return chosen


def _join(parts: list[str], channel: Channel) -> str:
    return {Channel.WEB: "\n\n", Channel.SMS: "\n", Channel.VOICE: " "}[channel].join(parts)


@cache
def _fragments() -> Mapping[str, Any]:
    """Read the fragments once. Raises GuideError naming the part and channel that is missing."""
    loaded: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    wanted = [(name, loaded.get(name)) for name in PARTS]
    wanted += [(f"opening.{k}", loaded.get("opening", {}).get(k.value)) for k in ConcernKind]
    wanted += [
        (f"{when}.{who}", loaded.get(when, {}).get(who))
        for when in ("act_now", "same_day")
        for who in ("inside", "caller")
    ]
    problems = [
        f"{FILE.name}: {name}: words for {channel} are missing"
        for name, words in wanted
        for channel in Channel
        if not isinstance(words, dict) or not words.get(channel.value)
    ]
    if problems:
        raise GuideError(problems)
    return loaded
