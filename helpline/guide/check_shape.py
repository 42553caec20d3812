"""Rules on how an answer is built, and on prison words that a wording uses without explaining.

A page answers first, gives steps, says what to do if they fail, and ends with the emergency. The
first part of a text message helps by itself. What is spoken ends with what can be said next.
"""

import re
from collections.abc import Iterator
from typing import Final

from helpline.enums import Channel
from helpline.guide import wording
from helpline.guide.content import Topic
from helpline.guide.tokens import TOKEN

_A_NUMBER: Final = "0" * 13  # as long as a free number with its spaces
EMERGENCY_AMONG_LAST: Final = 2  # paragraphs: a line for the caller's own sake may follow it

_LIST: Final = re.compile(r"^(?:1\.|-) ", re.MULTILINE)
_IF: Final = re.compile(r"\*\*If ")
_EMERGENCY: Final = re.compile(r"\*\*If this is an emergency")
_NO_ANSWER: Final = re.compile(r"^(?:\*\*|1\.|-)|\?$")
_SENTENCE_END: Final = re.compile(r"[.?!]$")
_SAY_NEXT: Final = re.compile(r"^You can (?:also )?say\b")

# A word of the prison, and words that tell a family what it is. One of them must stand in the same
# wording; the topic that answers what words mean is all explanations.
_EXPLAINED: Final = tuple(
    (re.compile(word), re.compile(told, re.IGNORECASE), fix)
    for word, told, fix in (
        (r"(?i:safer custody)", r"safety team", "Add 'the safety team'"),
        (
            r"orderly officer|duty governor|duty manager",
            r"in charge",
            "Add 'who is in charge' or 'the staff in charge'",
        ),
        (r"(?<!duty )\bgovernor\b", r"runs the prison|in charge", "Add 'who runs the prison'"),
        (
            r"\b[Hh]ealthcare\b(?! (?:manager|Department))",
            r"doctors? and nurses?|nurse|health (?:board|staff|worker)",
            "Add 'the doctors and nurses'",
        ),
        (r"\bCOMP1\b|\bcomp one\b", r"form\b", "Add 'the prison's complaint form'"),
        (r"\bapps?\b", r"form\b", "Add 'a form'"),
        (r"\bListeners?\b", r"trained by Samaritans", "Add 'trained by Samaritans'"),
        (r"\bwing\b", r"officers|where (?:they|your loved one) lives?", "Add 'where they live'"),
        (r"\bkey worker\b", r"officer", "Add 'an officer'"),
        (r"\bPALS\b", r"help desk|patient advice", "Add 'the hospital's help desk'"),
        (r"\bLlais\b", r"free\b", "Add 'a free service'"),
        (r"Independent Monitoring Board", r"volunteer|public|people", "Say who they are"),
        (r"\binquest\b", r"hearing", "Add 'a hearing on how they died'"),
        (r"custody sergeant", r"in charge", "Add 'who is in charge'"),
        (r"Liaison and Diversion", r"team", "Add 'a help team'"),
        (r"\b[Nn]aloxone\b", r"undo", "Add 'which can undo an overdose'"),
        (r"\badvocates?\b", r"helper", "Add 'a free helper'"),
        (r"\bA ?C ?C ?T\b", r"\bplan\b", "Add 'the plan to keep someone safe'"),
        (r"family liaison officer", r"for families|in touch", "Add 'the person for families'"),
        (r"RECONNECT", r"links|help", "Say what it does"),
    )
)


def shape_findings(topic: Topic, channel: Channel, text: str) -> Iterator[tuple[str, str, str]]:
    """Give what is wrong with how one wording of `topic` is built, as value, rule and fix.

    `text` still has its tokens. Small talk has no steps, and is exempt.
    """
    if topic.kind == "conversation":
        return
    check = {Channel.WEB: _web, Channel.SMS: _sms, Channel.VOICE: _voice}[channel]
    yield from check(text)


def unexplained(topic: Topic, text: str) -> Iterator[tuple[str, str, str]]:
    """Give the prison words that one wording of `topic` uses and does not explain."""
    if topic.section == "Plain-words glossary":
        return
    bare = TOKEN.sub("", text)
    for word, told, fix in _EXPLAINED:
        found = word.search(bare)
        if found is not None and not told.search(bare):
            yield (
                f"{found[0]!r} is not explained",
                "a prison word is explained where it is used",
                fix,
            )


def _web(text: str) -> Iterator[tuple[str, str, str]]:
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    if _NO_ANSWER.search(paragraphs[0].strip()):
        rule = "the first sentence of a page answers the question"
        yield f"it opens with {paragraphs[0][:40]!r}", rule, "Answer first, then ask or list"
    if not _LIST.search(text):
        yield "no list", "a page gives steps as a list", "Put what to do under 1. 2. 3."
    if len([part for part in paragraphs if _IF.match(part)]) < EMERGENCY_AMONG_LAST:
        rule = "a page says what to do if the steps fail"
        yield "no way on", rule, "Add '**If nothing changes:** ...' before the emergency"
    if not any(_EMERGENCY.match(part) for part in paragraphs[-EMERGENCY_AMONG_LAST:]):
        rule = "the emergency comes last"
        yield "no emergency at the end", rule, "End with '**If this is an emergency:** ...'"


def _sms(text: str) -> Iterator[tuple[str, str, str]]:
    # As it is sent when no prison is known: its main number is then these words.
    first = TOKEN.sub(lambda found: _UNKNOWN.get(found[2], _A_NUMBER), text.split("\n", 1)[0])
    room = wording.septets(first) or 0
    if room > wording.SMS_SEPTETS_JOINED or not _SENTENCE_END.search(first):
        rule = (
            f"the first line helps by itself: whole sentences, {wording.SMS_SEPTETS_JOINED} at most"
        )
        yield f"a first line of {room} septets", rule, "Move a sentence to the second line"


_UNKNOWN: Final = {
    "switchboard": "the prison's main number",
    "safer_custody": "safer custody, through the prison's main number",
    "name": "the prison",
    "provider": "the group that gives the care",
}


def _voice(text: str) -> Iterator[tuple[str, str, str]]:
    last = wording.sentences(text)[-1]
    if not _SAY_NEXT.search(last):
        rule = "what is spoken ends with what can be said next"
        yield f"it ends {last[:40]!r}", rule, "End with 'You can say: ..., or, talk to a person.'"
