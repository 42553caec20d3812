"""What a carrier's `From` is, and what somebody keyed in."""

import pytest

from helpline.addresses import for_the_ear, read_address, read_spoken_number
from helpline.line_states import Reach


@pytest.mark.parametrize(
    ("raw", "reach", "kept"),
    [
        ("+447700900123", Reach.MOBILE, True),
        ("+442079460123", Reach.LANDLINE, True),
        ("+441632960001", Reach.LANDLINE, True),
        ("+447012345678", Reach.LANDLINE, True),  # a personal number is no mobile
        ("+353851234567", Reach.ABROAD, True),
        ("60060", Reach.SHORT_CODE, False),
        ("Vodafone", Reach.SHORT_CODE, False),
        ("+266696687", Reach.HIDDEN, False),  # "anonymous" on a keypad
        ("+86282452253", Reach.HIDDEN, False),
        ("+7378742833", Reach.HIDDEN, False),
        ("Anonymous", Reach.HIDDEN, False),
        ("Restricted", Reach.HIDDEN, False),
        ("client:somebody", Reach.HIDDEN, False),
        ("sip:somebody@example.org", Reach.HIDDEN, False),
        ("", Reach.HIDDEN, False),
        (None, Reach.HIDDEN, False),
        ("+44'; drop table contacts; --", Reach.SHORT_CODE, False),
    ],
)
def test_what_an_address_is(raw, reach, kept) -> None:
    """Only a real number is kept, and only a UK mobile is texted."""
    address = read_address(raw)

    assert (address.reach, address.number) == (reach, raw if kept else None)
    assert address.can_be_texted is (reach is Reach.MOBILE)
    assert address.can_be_rung is (reach in {Reach.MOBILE, Reach.LANDLINE})


@pytest.mark.parametrize(
    "keyed", ["07700 900123", "0044 7700 900123", "7700900123", "+44 7700 900123", "07700-900-123"]
)
def test_a_number_as_people_key_it(keyed) -> None:
    """Every usual way of giving a mobile is the same mobile."""
    assert read_spoken_number(keyed).number == "+447700900123"


@pytest.mark.parametrize("keyed", ["", "12", "my mum's", "0" * 30])
def test_no_number_is_no_number(keyed) -> None:
    """What cannot be rung is not taken."""
    assert read_spoken_number(keyed).number is None


def test_a_number_is_read_back_digit_by_digit() -> None:
    """So that a wrong digit is heard."""
    assert for_the_ear("+442079460123") == "0 2 0, 7 9 4 6, 0 1 2 3"
