"""Rules on the glossary: enough terms, each sourced or worded with doubt, and no dead ends."""

import re
from collections.abc import Iterator
from typing import Final

from helpline.enums import Channel
from helpline.guide.answers import EXPLAINED_AT_ONCE, JARGON
from helpline.guide.check_report import Finding
from helpline.guide.content import Guide, Term, TermList
from helpline.guide.glossary import spoken

FILE: Final = "glossary.yml"
MIN_TERMS: Final = 80
_DOUBT: Final = re.compile(r"\b(?:usually|usual|may|might|can differ|often)\b", re.IGNORECASE)


def glossary_findings(guide: Guide) -> Iterator[Finding]:
    """Give the faults of a guide's glossary; a guide without the topic needs none."""
    glossary = guide.glossary
    if JARGON in guide.topics and (glossary is None or len(glossary.terms) < MIN_TERMS):
        count = 0 if glossary is None else len(glossary.terms)
        yield Finding(
            FILE, "terms", f"{count} terms", f"at least {MIN_TERMS}", "Add what families meet"
        )
    for term in glossary.terms if glossary is not None else ():
        field = f"terms.{term.id}"
        if term.see is not None and not _is_published(guide, term.see):
            value = f"{term.see!r} is not published"
            rule = "a term leads to a topic that answers"
            yield Finding(FILE, f"{field}.see", value, rule, "Name another topic, or null")
        if term.certain and not term.sources:
            rule = "what is said as certain has a source"
            fix = "Add its source, or word it with 'usually' and certain: false"
            yield Finding(FILE, f"{field}.sources", "none", rule, fix)
        if not term.certain and not _DOUBT.search(term.meaning):
            rule = "what a person has still to confirm says 'usually' or 'may'"
            yield Finding(FILE, f"{field}.meaning", term.meaning, rule, "Say 'usually'")


def longest_answers(guide: Guide) -> Iterator[tuple[Channel, str]]:
    """Give for each channel the longest explanation that it may have to carry."""
    answer, line = guide.phrases.get("glossary_answer"), guide.phrases.get("glossary_term")
    if guide.glossary is None or answer is None or line is None:
        return
    for channel in Channel:
        terms = _longest(guide.glossary, channel)
        between = " " if channel is Channel.VOICE else "\n"
        said = [
            line.for_channel(channel)
            .replace("{term}", spoken(term, channel))
            .replace("{meaning}", term.meaning)
            for term in terms
        ]
        yield channel, answer.for_channel(channel).replace("{meanings}", between.join(said))


def _longest(glossary: TermList, channel: Channel) -> list[Term]:
    by_room = sorted(glossary.terms, key=lambda term: len(term.term) + len(term.meaning))
    return by_room[-EXPLAINED_AT_ONCE[channel] :]


def _is_published(guide: Guide, topic_id: str) -> bool:
    return topic_id in guide.topics and guide.topics[topic_id].status == "published"
