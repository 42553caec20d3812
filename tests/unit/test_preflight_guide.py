"""What whoever starts the service is told of the guide."""

from datetime import date
from pathlib import Path

import pytest

from app.preflight_guide import WHOLE_LIST, guide_warnings
from helpline.settings import Settings
from tests.guide_folder import ANSWERS, GuideFolder, topic

TODAY = date(2026, 12, 1)
LIVE = {
    "twilio_account_sid": "AC0",
    "twilio_auth_token": "secret",
    "phone_number": "+442079460000",
}


@pytest.fixture
def folder(tmp_path: Path) -> GuideFolder:
    """A guide whose one answer gives a charity's number, a prison's, 999 and Samaritans."""
    folder = GuideFolder(tmp_path / "guide")
    words = (
        "Ring {{ phone:rethink }}, {{ prison:switchboard }}, {{ phone:samaritans }} or "
        "{{ phone:emergency-999 }}."
    )
    folder.write_topic(topic(answers={**ANSWERS, "web": words}))
    return folder


def _warnings(folder: GuideFolder, today: date = TODAY, **changed: object) -> list[str]:
    settings = Settings(_env_file=None, guide_folder=folder.path, **changed)  # type: ignore[call-arg]
    return guide_warnings(settings, today)


def test_live_mode_lists_the_numbers_it_holds_back(folder: GuideFolder) -> None:
    """By kind, with names; what is always given is not among them."""
    about, services, prisons, approval = _warnings(folder, **LIVE)

    assert about.startswith("8 numbers are held back because nobody has rung them;")
    assert about.endswith(WHOLE_LIST)
    assert services == "  phone: Rethink Mental Illness advice line"
    assert prisons.startswith("  main number: HMP")
    assert "Samaritans" not in f"{services} {prisons}"
    assert approval == "1 of 1 pages of the guide await approval by Pact, and say so."


def test_practice_mode_has_nothing_to_say(folder: GuideFolder) -> None:
    """Numbers are shown there, each with its caution."""
    assert _warnings(folder) == []


def test_showing_them_in_live_mode_is_said_out_loud(folder: GuideFolder) -> None:
    """The setting that gives unrung numbers to real families does not go unnoticed."""
    [shown, _] = _warnings(folder, **LIVE, show_unverified_numbers=True)

    assert shown.startswith("HELPLINE_SHOW_UNVERIFIED_NUMBERS is on: families may be given 8")


def test_a_live_service_without_a_number_of_its_own_says_so(folder: GuideFolder) -> None:
    """Nobody finds out from a family that our own number is missing."""
    [first, *_] = _warnings(folder, **{**LIVE, "phone_number": ""})

    assert first.startswith("HELPLINE_PHONE_NUMBER is not set")


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2027, 5, 21), []),
        (date(2027, 5, 22), ["is past its review"]),
        (date(2027, 6, 21), ["is held back: a person answers instead"]),
    ],
)
def test_late_reviews_are_named_in_every_mode(
    folder: GuideFolder, today: date, said: list[str]
) -> None:
    """review_by is 21 May and the grace 30 days."""
    warnings = _warnings(folder, today)

    assert len(warnings) == len(said)
    for warning, words in zip(warnings, said, strict=True):
        assert warning.startswith(f"seeing-a-nurse {words} (by 2027-05-21, Pact")
