"""The numbers that published words can show, and those nobody has rung."""

from helpline.guide.loader import load_guide
from helpline.guide.numbers import shown_numbers, unrung
from tests.guide_folder import ANSWERS, GuideFolder, topic

RUNG = {"on": "2026-11-22", "by": "AB"}


def _topic(folder: GuideFolder, words: str, **changed: object) -> None:
    folder.write_topic(
        topic(answers={**ANSWERS, "web": words, "sms": words, "voice": words}, **changed)
    )


def test_only_what_is_said_has_to_be_rung(folder: GuideFolder) -> None:
    """A service nobody is sent to need not be rung before going live."""
    _topic(folder, "Ring {{ phone:rethink }}.")

    [shown] = unrung(load_guide(folder.path), folder.path)

    assert shown.who == "Rethink Mental Illness advice line"
    assert shown.used_in == ("seeing-a-nurse",)
    assert str(shown).endswith("0808 801 0525 (one source, not rung)")


def test_a_number_that_was_rung_is_done(folder: GuideFolder) -> None:
    """Once a person has rung it, it is no longer on the list, but still shown."""
    _topic(folder, "Ring {{ phone:rethink }}.")
    phone = {"number": "0808 801 0525", "tel": "+448088010525", "status": "single-source"}
    folder.change("contacts/services/rethink.yml", phone={**phone, "verified_by_phone": RUNG})
    guide = load_guide(folder.path)

    assert unrung(guide, folder.path) == []
    assert "rung on 2026-11-22" in [shown.state for shown in shown_numbers(guide, folder.path)]


def test_the_prison_token_asks_for_every_open_prison(folder: GuideFolder) -> None:
    """A family may be in any of them, and one without a number is on the list too."""
    _topic(folder, "Ring {{ prison:switchboard }}.")
    guide = load_guide(folder.path)

    numbers = unrung(guide, folder.path)

    assert {n.who for n in numbers} == {
        prison.short_name for prison in guide.contacts.prisons.values() if prison.open == "open"
    }
    assert {n.line for n in numbers} == {"main number"}


def test_the_safety_line_brings_the_main_number_along(folder: GuideFolder) -> None:
    """Where a prison has no such line, its main number is given instead."""
    _topic(folder, "Ring {{ prison:safer_custody }}.")

    lines = {n.line for n in unrung(load_guide(folder.path), folder.path)}

    assert lines == {"main number", "safer custody line"}


def test_emergency_numbers_and_drafts_are_not_waited_for(folder: GuideFolder) -> None:
    """999, 111 and Samaritans are always given; a draft is not said at all."""
    _topic(folder, "Ring {{ phone:emergency-999 }} or {{ phone:samaritans }}.")
    folder.write_topic(
        topic("draft", status="draft", answers={**ANSWERS, "web": "Ring {{ phone:mind }}."})
    )

    assert unrung(load_guide(folder.path), folder.path) == []


def test_fixed_words_and_safety_replies_count_as_well(folder: GuideFolder) -> None:
    """A number that only a safety reply gives is still a number to ring."""
    folder.write("safety/reply.yml", {"worker": {"web": "Ring {{ phone:rethink }}."}})
    _topic(folder, "Ask the nurse.")

    [shown] = unrung(load_guide(folder.path), folder.path)

    assert shown.used_in == ("fixed words",)
