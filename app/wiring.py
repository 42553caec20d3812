"""Where ports meet adapters: the one place that decides what is real."""

from pathlib import Path

import yaml

from bot.client import RasaAssistant
from helpline import rota_import
from helpline.contacts import AddressBook
from helpline.db import configure, make_engine, session_factory, transaction
from helpline.guide.answers import PublishedGuide
from helpline.guide.loader import load_guide
from helpline.guide.repository import import_guide
from helpline.ports import Assistant
from helpline.service import Service
from helpline.settings import Settings

PRACTICE_ROTA = Path("rota") / "practice.yml"
