"""Rules on what the words say: nothing that must be avoided, a way out in danger, no bare letters.

What must be avoided is the list of the safety notes ("Must avoid"): promises of safety, secrecy or
an outcome; that the prison will act or ring back; "soon", "don't worry"; blame; methods and doses.
"""

import re
from collections.abc import Iterator
from typing import Final

from helpline.guide.content import Guide, Topic
from helpline.guide.tokens import TOKEN

_EMERGENCY_LINE: Final = re.compile(r"\*\*[^*]*\bemergency\b[^*]*\*\*", re.IGNORECASE)
_EMERGENCY_NUMBER: Final = re.compile(r"\{\{\s*phone:emergency-999\s*\}\}")

_SAFE_SAID: Final = (
    r"(?<!\bif )(?<!whether )(?<!how )\b(?:he|she|they|your loved one)(?:'s|'re| is| are| will be)"
    r" (?:perfectly |completely |quite )?(?:safe|fine|all right|ok|okay)\b(?! to)"
)
_PRISON_WILL: Final = (
    r"\b(?:the prison|the staff|staff|healthcare|the governor|the officer|the team)"
    r" will (?:act|ring|call|phone|tell|reply|answer|check|help|sort|make sure|get back)\b"
)
_AVOIDED: Final = tuple(
    (re.compile("|".join(patterns), re.IGNORECASE), rule, fix)
    for patterns, rule, fix in (
        (
            [r"\b(?:i|we|you have (?:my|our)) (?:can )?promise\b", r"\bguarantee"],
            "nothing is promised that others must do",
            "Say what to do, and what to do if it fails",
        ),
        (
            [_SAFE_SAID],
            "no safety is promised",
            "Say what staff should do, and how to ask",
        ),
        (
            [
                r"\b(?:completely|strictly|totally|always) (?:confidential|secret|private)\b",
                r"\bnobody will (?:know|find out)\b",
            ],
            "no secrecy is promised",
            "Say who sees it, and when it is passed on",
        ),
        (
            [_PRISON_WILL],
            "what the prison will do is not known",
            "Say 'should' or 'may', or tell the family what to ask",
        ),
        ([r"(?<!as )\bsoon\b(?! as)"], "'soon' is no time", "Give a time, or leave it out"),
        (
            [
                r"\b(?:don't|do not|dont|no need to|try not to) (?:worry|panic)\b",
                r"\bcalm down\b",
                r"\brest assured\b",
            ],
            "feelings are not waved away",
            "Leave it out",
        ),
        (
            [
                r"\b(?:you should have|you ought to have|why did(?:n't| not) you)\b",
                r"(?<!not )\byour (?:own )?fault\b",
            ],
            "nobody is blamed",
            "Say what can be done now",
        ),
        (
            [
                r"\banything else\?",
                r"\banything else i can\b",
                r"\brate (?:us|this)\b",
                r"\bsurvey\b",
            ],
            "no survey and no 'anything else?'",
            "End with what they can do next",
        ),
        (
            [r"\b\d+(?:\.\d+)? ?(?:mg|mcg|milligrams?|ml|millilitres?|units)\b"],
            "no doses",
            "Leave the amount to a doctor or nurse",
        ),
        (
            [r"\b(?:ligature|noose|wrists?)\b", r"\bhang(?:ing|ed)? (?:him|her|them)sel"],
            "no method is named",
            "Say 'self-harm' or 'hurt themselves'",
        ),
        (["[\U0001f000-\U0001faff\u2600-\u27bf]"], "no emoji", "Take it out"),
    )
)

# Letters that families read as words.
_KNOWN_LETTERS: Final = frozenset(
    {"ADHD", "GP", "GOV", "HIV", "HM", "HMP", "MP", "NHS", "OK", "OR", "PERSON", "PIN", "TV", "UK"}
)
_LETTERS: Final = re.compile(r"\b[A-Z]{2,}[0-9A-Z]*\b")
_EXPLAINED_AFTER: Final = re.compile(
    r"s?\*{0,2}[\"']?\s*(?:[,(:]|is\b|are\b|means?\b|was\b|\.\s+(?:It|They|This|That)\b)"
)
_EXPLAINED_BEFORE: Final = re.compile(
    r"(?:[(,:]|called|\bform|\bletters|\bor)\s*(?:an? |the )?[\"'*]*$", re.IGNORECASE
)


def avoided(text: str) -> Iterator[tuple[str, str, str]]:
    """Give what must not be said and stands in `text`, each as value, rule and fix."""
    bare = TOKEN.sub("", text)
    for pattern, rule, fix in _AVOIDED:
        found = pattern.search(bare)
        if found is not None:
            yield f"{found[0]!r}", f"must be avoided: {rule}", fix


def danger_findings(topic: Topic, field: str, text: str) -> Iterator[tuple[str, str, str]]:
    """Give what a wording lacks for a family in danger. Small talk is exempt."""
    if topic.kind == "conversation":
        return
    if not _EMERGENCY_NUMBER.search(text):
        rule = "every answer gives the way out in danger"
        yield "no emergency number", rule, "Add {{ phone:emergency-999 }} and when to ring it"
    elif field.endswith("web") and not _EMERGENCY_LINE.search(text):
        rule = "an answer ends with what to do in an emergency, in bold"
        yield "no emergency line", rule, "Add '**If this is an emergency:** ...'"


def letter_findings(guide: Guide, text: str) -> Iterator[tuple[str, str, str]]:
    """Give the groups of letters that `text` uses without saying what they are."""
    bare = TOKEN.sub("", text)
    organisations = " ".join(service.name for service in guide.contacts.services.values())
    seen: set[str] = set()
    for found in _LETTERS.finditer(bare):
        word = found[0]
        if word in seen or word in _KNOWN_LETTERS:
            continue
        seen.add(word)
        told = _EXPLAINED_AFTER.match(bare, found.end()) or _EXPLAINED_BEFORE.search(
            bare[: found.start()]
        )
        if not told and not re.search(rf"\b{word}\b", organisations):
            rule = "letters are explained where they are first used"
            yield f"{word!r} stands alone", rule, "Say what it is, or leave the letters out"
