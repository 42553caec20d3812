"""Where ports meet adapters: the one place that decides what is real."""

from pathlib import Path

from bot.client import RasaAssistant
from helpline.contacts import AddressBook
from helpline.db import configure, make_engine, session_factory, transaction
from helpline.guide.answers import PublishedGuide
from helpline.guide.loader import load_guide
from helpline.guide.repository import ImportResult, import_guide
from helpline.ports import Assistant
from helpline.practice_rota import load_practice_rota
from helpline.service import Service
from helpline.settings import Settings

PRACTICE_ROTA = Path("rota") / "practice.yml"


def build_service(settings: Settings) -> Service:
    """Connect to the database and return what every command of the core needs."""
    configure(make_engine(settings.database_url))
    return Service(
        settings=settings,
        guide=PublishedGuide(
            session_factory(),
            settings.guide_folder,
            allow_unverified=settings.unverified_numbers_shown,
            grace_days=settings.review_grace_days,
            our_number=settings.phone_number,
        ),
        book=AddressBook(settings),
    )


def build_assistant(settings: Settings) -> Assistant:
    """Return the assistant that speaks to Rasa on loopback."""
    return RasaAssistant(settings)


def import_content(settings: Settings, author: str = "files") -> ImportResult:
    """Bring the guide's files into the database, and in practice mode the practice rota.

    Raises GuideError, with every problem, before anything is changed.
    """
    guide = load_guide(settings.guide_folder)
    with transaction() as session:
        result = import_guide(session, guide, author)
        if settings.practice_mode:
            load_practice_rota(session, settings.guide_folder / PRACTICE_ROTA)
    return result
