"""Fixtures every level may use. Nothing here opens a database or a socket by itself."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from helpline.settings import Settings

ROOT = Path(__file__).resolve().parent.parent

# The real assistant, started once for all levels that ask for it.
pytest_plugins = ["tests.rasa_server"]


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def make_settings(tmp_path_factory: pytest.TempPathFactory):
    """Build settings of practice mode with made-up keys; keyword arguments override."""

    def build(**given: object) -> Settings:
        values = {
            "var_dir": tmp_path_factory.mktemp("var"),
            "secret_key": "for tests only",
            "contact_hmac_key": "for tests only",
            "contact_encryption_key": Fernet.generate_key().decode(),
            "rasa_token": "for-tests-only",
            **given,
        }
        return Settings(_env_file=None, **values)

    return build
