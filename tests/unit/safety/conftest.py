from pathlib import Path

import pytest
import yaml

from helpline.safety import rules
from helpline.safety.rulebook import Rulebook

CASES = Path(__file__).parent / "cases"


@pytest.fixture(scope="session")
def book() -> Rulebook:
    """The project's own rules, read once."""
    return rules.current()


@pytest.fixture(scope="session")
def cases() -> dict[str, dict]:
    """Every development file by its name, without the number that parts one batch from another."""
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in CASES.glob("*.yml")
    }
