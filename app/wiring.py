"""Where ports meet adapters: the one place that decides what is real."""

from pathlib import Path

from sqlalchemy import select

from app.environment import ConfigurationError
from bot.client import RasaAssistant
from helpline.contacts import AddressBook
from helpline.db import configure, make_engine, session_factory, transaction
from helpline.guide.answers import PublishedGuide
from helpline.guide.loader import load_guide
from helpline.guide.repository import ImportResult, import_guide
from helpline.models import Worker
from helpline.phone_words import read_practice_phone
from helpline.ports import Assistant
from helpline.practice_rota import load_practice_rota
from helpline.service import Service
from helpline.settings import Settings
from helpline.workers import set_phone
from telephony.account import account_of
from telephony.carrier import TwilioLine

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


def build_line(settings: Settings) -> TwilioLine:
    """Return the line to phones: Twilio's, in practice mode that of the practice exchange.

    Raises ConfigurationError when the carrier's settings are only half given.
    """
    account = account_of(settings)
    if account is None:
        raise ConfigurationError(
            "Only one of TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN is set; give both or neither."
        )
    return TwilioLine(account, text_valid_seconds=settings.text_valid_seconds)


def give_practice_phones(settings: Settings) -> None:
    """Give the practice workers the made-up numbers of the practice phone, where they have none."""
    book = AddressBook(settings)
    numbers = read_practice_phone(settings.guide_folder).workers
    with transaction() as session:
        for worker in session.scalars(select(Worker).where(Worker.practice)):
            if worker.name in numbers and worker.phone_encrypted is None:
                set_phone(session, book, worker, numbers[worker.name], actor="practice")


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
