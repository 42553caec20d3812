"""Counting words as channels and readers do."""

import pytest

from helpline.guide import wording

BY_HAND = {
    1: "the ring they name asked passed nurse staff phone please queue tongue eyes here move "
    "changed died friend piece though through hour your year can't don't once cell",
    2: "prison doctor answer people being trying consent safer helpline worried quiet diet fuel "
    "safely statement something someone sometimes lifeline homeless little table trouble simple "
    "wanted needed houses watches boxes changes goodbye centre language special patient nation "
    "region business every minutes doesn't couldn't isn't healthcare going carried asthma prism",
    3: "custody medicine officer orderly governor hospital appointment permission families serious "
    "video radio period violence dangerous previous different possible example studying easier "
    "prisoner insulin methadone dentistry advocate physio area idea created agreeing injury",
    4: "emergency medication information confidential complicated samaritans usually experience "
    "January situation psychiatric diabetes epilepsy society variety autism".replace(" autism", ""),
    5: "immediately individual evaluation",
}


@pytest.mark.parametrize(
    ("count", "word"), [(count, word) for count, text in BY_HAND.items() for word in text.split()]
)
def test_syllables_are_counted_as_by_hand(count: int, word: str) -> None:
    """The rule agrees with a person's count on the words that the guide is made of."""
    assert wording.syllables(word) == count


def test_an_abbreviation_is_read_letter_by_letter() -> None:
    """Capitals are said one by one, so they are as hard as they sound."""
    assert wording.syllables("NHS") == 3
    assert wording.syllables("GPs") == 2
    assert wording.syllables("HMP") == 3


def test_the_grade_follows_the_published_formula() -> None:
    """Six words a sentence and one syllable a word give 0.39 * 6 + 11.8 - 15.59."""
    text = "The cat sat on the mat. The dog sat on the rug."

    assert wording.grade(text) == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)


def test_harder_words_have_a_higher_grade() -> None:
    """Officialese is told from plain words."""
    plain = "Ask the nurse. Say what is wrong. Write it down."
    official = (
        "Communication regarding confidential medical information necessitates appropriate "
        "authorisation from the individual concerned."
    )

    assert wording.grade(plain) < 2
    assert wording.grade(official) > 18


def test_numbers_times_and_addresses_do_not_count_towards_the_grade() -> None:
    """A phone number in brackets, with its caution, makes a sentence no harder."""
    plain = "Ring the main line now and ask for help."
    number = "([020 8588 6000](tel:+442085886000), not yet checked)"
    full = f"Ring the main line {number} now and ask for help."

    assert wording.grade(full) == pytest.approx(wording.grade(plain))


def test_a_list_entry_is_a_sentence_of_its_own() -> None:
    """Lists are read line by line, with or without full stops."""
    text = "Say:\n\n- who you are\n- what is wrong. Then wait\n1. **Ring** again"

    assert wording.sentences(text) == [
        "Say:", "who you are", "what is wrong.", "Then wait", "Ring again",
    ]  # fmt: skip


def test_markdown_and_addresses_are_not_words() -> None:
    """The reader meets the label of a link, not its address."""
    assert wording.word_count("- **Ring** [0808 801 0525](tel:+448088010525) now") == 5


@pytest.mark.parametrize(
    ("text", "count"),
    [("hello", 5), ("£5 @ 9", 6), ("a\nb", 3), ("€", 2), ("[x]", 5), ("a~b^{}|\\", 14), ("", 0)],
)
def test_septets_count_the_extension_table_twice(text: str, count: int) -> None:
    """3GPP TS 23.038: the ten characters of the extension table cost an escape as well."""
    assert wording.septets(text) == count


@pytest.mark.parametrize(
    "text", ["it\N{RIGHT SINGLE QUOTATION MARK}s", "a \N{EN DASH} b", "ŵ", "🙂", "ç"]
)
def test_what_gsm_cannot_carry_is_named(text: str) -> None:
    """One curly quote would turn a message into UCS-2 and more than double its parts."""
    assert wording.septets(text) is None
    assert wording.not_gsm(text)


@pytest.mark.parametrize(
    ("length", "parts"), [(1, 1), (160, 1), (161, 2), (306, 2), (459, 3), (460, 4)]
)
def test_a_joined_message_has_153_septets_a_part(length: int, parts: int) -> None:
    """Three parts hold 459 septets, not 480."""
    assert wording.segments("a" * length) == parts


def test_speaking_time_counts_each_digit() -> None:
    """At 150 words a minute, 15 words and digits take 6 seconds."""
    assert wording.seconds("Ring 0 8 0 8, 8 0 1, 0 5 2 5, and wait there") == pytest.approx(6)
