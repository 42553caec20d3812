"""The actions Rasa may choose (domain.yml). Each composes one turn and sends it, or says nothing.

An action that says nothing is a failed turn to the core, which then offers a person.
"""

import asyncio
import logging
from functools import cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.message import heard
from actions.turn import Said, Speaker
from helpline.db import session_factory
from helpline.guide.answers import PublishedGuide
from helpline.settings import Settings

SHARE = 0.5  # of the time the core waits for a turn; one that takes longer is lost anyway

log = logging.getLogger(__name__)


@cache
def published_guide() -> PublishedGuide:
    """Return the guide of this process, on the database that the action server was given."""
    settings = Settings()
    return PublishedGuide(
        session_factory(),
        settings.guide_folder,
        allow_unverified=settings.unverified_numbers_shown,
        grace_days=settings.review_grace_days,
        our_number=settings.phone_number,
    )


@cache
def seconds() -> float:
    """Return how long composing one turn may take."""
    return Settings().rasa_timeout_seconds * SHARE


class _Step(Action):
    """Runs one of Speaker's methods away from the event loop, within `seconds`."""

    method = ""

    def name(self) -> str:
        """Return the name Rasa knows this action by."""
        return f"action_{self.method}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Send the replies of the turn and return the slots it sets. Never raises."""
        del domain
        try:
            said = await asyncio.wait_for(asyncio.to_thread(self._compose, tracker), seconds())
        except Exception as error:  # noqa: BLE001 - rasa-sdk would echo the family's words
            about = {"conversation_key": tracker.sender_id, "error": type(error).__name__}
            log.error("action failed", extra=about)  # noqa: TRY400 - a traceback may carry words
            return []
        for reply in said.replies:
            dispatcher.utter_message(json_message=reply.model_dump(mode="json"))
        return [SlotSet(name, value) for name, value in said.slots.items()]

    def _compose(self, tracker: Tracker) -> Said:
        speaker = Speaker(published_guide(), heard(tracker))
        said: Said = getattr(speaker, self.method)()
        return said


class Answer(_Step):
    """Answers one topic, or two that were asked at once."""

    method = "answer"


class AskBack(_Step):
    """Asks which topic is meant."""

    method = "ask_back"


class OfferPerson(_Step):
    """Offers a person after asking back has failed."""

    method = "offer_person"


class AskForPerson(_Step):
    """Asks the core for a person."""

    method = "ask_for_person"


class Repeat(_Step):
    """Says the last answer again."""

    method = "repeat"


class GoFurther(_Step):
    """Goes on from the last answer."""

    method = "go_further"


class GiveNumber(_Step):
    """Says the prison's numbers."""

    method = "give_number"


class NotePrison(_Step):
    """Says which prison was noted."""

    method = "note_prison"


class TakeLeave(_Step):
    """Leaves the door open after a person was declined."""

    method = "take_leave"
