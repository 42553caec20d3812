"""What is said in one turn: replies on the wire, and what the dialogue must remember of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from actions.message import ALTERNATIVES, UNDER_18, Heard
from helpline.enums import Channel, ConcernKind, HandoverReason, Outcome, Severity
from helpline.errors import NotFound
from helpline.guide.answers import PublishedGuide
from helpline.guide.replies import (
    AnswerReply,
    CheckReply,
    Choice,
    ClarifyReply,
    ConcernReply,
    HandoverReply,
    PhraseReply,
    Reply,
    TrailReply,
)

# Topics offered when asking back; "something else" comes on top. More are right more often
# (docs/adr/0011), but a call cannot be read again and a text costs by its length.
CHOICES = {Channel.WEB: 5, Channel.SMS: 4, Channel.VOICE: 3}
WANT_A_PERSON = "want-a-person"
REPEAT = "repeat-or-rephrase"
NEAR = 0.2  # a chance that a message without its subject needs to be about a neighbouring topic
JARGON = "jargon-buster"
FAREWELL = "thanks"
# Courtesies: beside a question they are no question.
SMALL_TALK = frozenset({"greeting", "thanks", "goodbye", REPEAT})


@dataclass
class Said:
    """The replies of one turn, and the slots that remember it."""

    replies: list[Reply] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)


class Speaker:
    """Composes one turn from the guide. Every method ends the turn with its trail."""

    def __init__(self, guide: PublishedGuide, message: Heard) -> None:
        self._guide = guide
        self._heard = message
        self._said = Said(slots={"expecting": "nothing", "offered": [], "repeated": False})
        self._said.slots["under_18"] = message.under_18

    def answer(self, topics: Sequence[str] | None = None) -> Said:
        """Answer `topics`, or those the message asks about. What is not published, a person is."""
        wanted = self._worth_answering(self._heard.topics if topics is None else topics)
        if topics is None and self._heard.corrects and set(wanted) <= set(self._heard.said):
            return self.ask_back()  # just that was not meant
        if WANT_A_PERSON in wanted:
            return self.ask_for_person()
        answered = self._say_answers(wanted)
        self._say_which_prison()
        return self._end(Outcome.ANSWERED if answered else Outcome.UNANSWERED)

    def ask_back(self) -> Said:
        """Ask which of the likeliest topics is meant, or for other words when none is likely."""
        meant = self._meant_instead(self._heard.leaning)
        if meant:
            return self.answer(meant[:1])
        topics = self._offerable(
            self._meant_instead(self._heard.plausible) or self._heard.plausible
        )
        if topics:
            self._say_choices(topics)
        else:
            self._say_phrase("not_understood", [self._person_choice()])
            self._said.slots["expecting"] = "choice"
        return self._end(Outcome.CLARIFIED)

    def offer_person(self) -> Said:
        """Offer a person, unless the reply leans to one of the topics just offered."""
        meant = [topic for topic in self._heard.leaning if topic in self._heard.offered]
        meant = meant or self._meant_instead(self._heard.leaning)
        if meant:
            return self.answer(meant[:1])
        self._say_person_offer("clarify_failed")
        return self._end(Outcome.UNANSWERED)

    def ask_for_person(self) -> Said:
        """Hand over to a person, and answer what else the message asks."""
        also = [topic for topic in self._heard.topics if topic != WANT_A_PERSON]
        if also:
            self._say_answers(self._worth_answering(also))
        self._said.replies.append(HandoverReply(reason=HandoverReason.ASKED_FOR_PERSON))
        return self._end(Outcome.HANDED_OVER, about=WANT_A_PERSON)

    def repeat(self) -> Said:
        """Say the last words again; when that was done already, offer a person."""
        heard = self._heard
        if heard.repeated:
            self._say_person_offer("person_offer")
            return self._end(Outcome.ANSWERED)
        if heard.expecting == "choice" and heard.offered:
            self._say_choices(self._offerable(heard.offered))
        else:
            self._say_answers(heard.said or (REPEAT,))
        self._said.slots["repeated"] = True
        return self._end(Outcome.ANSWERED)

    def go_further(self) -> Said:
        """Go on from the last answer to one of its next topics: "and if they refuse?"."""
        heard = self._heard
        if not heard.said:
            return self.answer() if heard.topics else self.ask_back()
        near = self._next_topics(heard.said[-1])
        likely = [s.topic for s in heard.ranking if s.topic in near and s.confidence >= NEAR]
        if likely:
            return self.answer(likely[:1])
        if near and heard.expecting == "nothing":
            self._say_choices(near)
            return self._end(Outcome.CLARIFIED, about=heard.said[-1])
        self._say_person_offer("person_offer")
        return self._end(Outcome.ANSWERED, about=heard.said[-1])

    def give_number(self) -> Said:
        """Say the prison's numbers that the last answer spoke of, or ask which prison it is."""
        heard = self._heard
        if not heard.said:
            return self.answer() if heard.topics else self.ask_back()
        self._say_phrase("prison_numbers" if heard.prison else "which_prison")
        self._said.slots["prison_asked"] = True
        return self._end(Outcome.ANSWERED, about=heard.said[-1])

    def note_prison(self) -> Said:
        """Say which prison was noted."""
        self._say_phrase("prison_noted")
        return self._end(Outcome.ANSWERED)

    def take_leave(self) -> Said:
        """Leave the door open after a person was declined."""
        self._say_answers((FAREWELL,))
        return self._end(Outcome.ANSWERED)

    # Parts of a turn

    def _say_answers(self, topics: Sequence[str]) -> bool:
        """Say each topic's answer; return whether there was one. Only the last brings choices."""
        answers = [reply for reply in map(self._find_answer, topics) if reply is not None]
        self._said.replies += [reply.model_copy(update={"next": ()}) for reply in answers[:-1]]
        self._said.replies += answers[-1:]
        if answers:
            self._said.slots["said"] = [reply.topic for reply in answers]
        elif topics:
            self._say_person_offer("unanswered")
        return bool(answers)

    def _find_answer(self, topic: str) -> AnswerReply | None:
        if topic == JARGON:
            explained = self._guide.explain(self._heard.text, self._heard.channel)
            if explained is not None:
                return explained
        try:
            return self._with_age(
                self._guide.answer(
                    topic,
                    self._heard.channel,
                    self._heard.prison,
                    under_18=self._heard.under_18,
                )
            )
        except NotFound:  # not published, or held back because nobody has reviewed it
            return None

    def _with_age(self, answer: AnswerReply) -> AnswerReply:
        """Put what differs for under-18s first among the next topics, once an age was said."""
        if not self._heard.under_18 or answer.topic == UNDER_18 or not self._guide.has(UNDER_18):
            return answer
        others = [choice for choice in answer.next if choice.payload != f"/{UNDER_18}"]
        return answer.model_copy(update={"next": (self._choice(UNDER_18), *others)})

    def _next_topics(self, topic: str) -> list[str]:
        answer = self._find_answer(topic)
        following = () if answer is None else answer.next
        return [choice.payload.removeprefix("/") for choice in following]

    def _meant_instead(self, topics: Sequence[str]) -> list[str]:
        """Return what may be meant by a correction: not what was just answered."""
        if not self._heard.corrects:
            return []
        return [topic for topic in topics if topic not in self._heard.said]

    def _say_choices(self, topics: Sequence[str]) -> None:
        choices = [self._choice(topic) for topic in topics]
        other = self._phrase("clarify_something_else")
        choices.append(Choice(label=other, payload="/something-else"))
        text = self._phrase("clarify")
        self._said.replies.append(ClarifyReply(text=text, choices=tuple(choices)))
        self._said.slots |= {"expecting": "choice", "offered": list(topics)}

    def _say_person_offer(self, phrase: str) -> None:
        self._say_phrase(phrase, [self._person_choice()])
        self._said.slots["expecting"] = "person"

    def _say_which_prison(self) -> None:
        """Ask once which of two prisons of like name is meant."""
        heard = self._heard
        if heard.prison is not None or heard.prison_asked or not heard.prison_candidates:
            return
        choices = [
            Choice(label=self._guide.prison_name(key, heard.channel), payload=f"prison:{key}")
            for key in heard.prison_candidates
        ]
        self._say_phrase("which_prison", choices)
        self._said.slots["prison_asked"] = True

    def _say_phrase(self, key: str, choices: Iterable[Choice] = ()) -> None:
        reply = PhraseReply(phrase=key, text=self._phrase(key), choices=tuple(choices))
        self._said.replies.append(reply)

    def _end(self, outcome: Outcome, about: str | None = None) -> Said:
        best, others = self._heard.best, self._heard.ranking[1 : ALTERNATIVES + 1]
        answered = self._heard.topics  # of two, the one the message as a whole is most about
        first = best.topic if best and best.topic in answered else next(iter(answered), None)
        picked = about or first
        topic = picked or (best.topic if best else None)
        chances = {score.topic: score.confidence for score in self._heard.ranking}
        self._say_danger()
        self._said.replies.append(
            TrailReply(
                topic=topic,
                confidence=chances.get(topic or "", 1.0 if about else 0.0),
                alternatives=tuple(score for score in others if score.topic != topic),
                outcome=outcome,
            )
        )
        return self._said

    def _say_danger(self) -> None:
        """Pass on what the concern classifier noticed; the core writes the words."""
        danger = self._heard.danger
        verdict = danger.get("verdict")
        if verdict == "raise":
            self._said.replies.append(
                ConcernReply(
                    concern=ConcernKind(danger["kind"]),
                    severity=Severity(danger["severity"]),
                    confidence=danger["chance"],
                )
            )
        elif verdict == "ask":
            self._said.replies.append(
                CheckReply(concern=ConcernKind(danger["kind"]), confidence=danger["chance"])
            )

    # Words and choices

    def _phrase(self, key: str) -> str:
        return self._guide.phrase(key, self._heard.channel, prison_key=self._heard.prison)

    def _choice(self, topic: str) -> Choice:
        return Choice(label=self._guide.title(topic), payload=f"/{topic}")

    def _person_choice(self) -> Choice:
        return Choice(label=self._phrase("person_choice_label"), payload=f"/{WANT_A_PERSON}")

    def _worth_answering(self, topics: Sequence[str]) -> Sequence[str]:
        """Drop a greeting or thanks that stands beside a question."""
        return [topic for topic in topics if topic not in SMALL_TALK] or topics

    def _offerable(self, topics: Sequence[str]) -> list[str]:
        """Keep what a family can pick: published topics of the guide, the first few."""
        return [
            topic
            for topic in topics
            if self._guide.has(topic) and not self._guide.is_conversation(topic)
        ][: CHOICES[self._heard.channel]]
