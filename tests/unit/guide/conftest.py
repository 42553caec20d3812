"""Fixtures for the guide: a small folder of its own for each test, and the real one."""

from pathlib import Path

import pytest

from helpline.guide.content import ContactBook, Guide
from helpline.guide.loader import load_contacts, load_guide
from tests.guide_folder import REAL, GuideFolder


@pytest.fixture
def folder(tmp_path: Path) -> GuideFolder:
    """A small guide without topics."""
    return GuideFolder(tmp_path / "guide")


@pytest.fixture(scope="session")
def contacts() -> ContactBook:
    """The contacts the helpline really has."""
    return load_contacts(REAL)


@pytest.fixture(scope="session")
def real_guide() -> Guide:
    """The guide the helpline really has."""
    return load_guide(REAL)
