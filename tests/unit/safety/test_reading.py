"""How words are read: as typed, as misspelt, as spelt out, as heard by a machine."""

import pytest

from helpline.safety import normalise


def read(book, text: str) -> list[str]:
    return book.lexicon.lay_out(text).words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SUICIDE", ["suicide"]),
        ("s u i c i d e", ["suicide"]),
        ("k.i.l.l", ["kill"]),
        ("su*cide", ["suicide"]),
        ("su1c1de", ["suicide"]),
        ("k!ll", ["kill"]),
        ("su\u200bicide", ["suicide"]),
        ("\uff53\uff55icide", ["suicide"]),
        ("súïcidé", ["suicide"]),
        ("heeeelp", ["help"]),
        ("insluin", ["insulin"]),
        ("dibetic", ["dibetic"]),
        ("cantbreathe", ["can", "not", "breathe"]),
        ("chess pains", ["chest", "pains"]),
        ("method own", ["methadone"]),
        ("hes", ["he", "is"]),
        ("he hasn't eaten", ["he", "not", "eaten"]),
        ("he\u2019s really not eating lol", ["he", "not", "eating"]),
        ("14yo", ["14", "yo"]),
        ("2nite", ["tonight"]),
    ],
)
def test_it_is_read_as_it_was_meant(book, typed: str, meant: list[str]) -> None:
    """Letters, figures, spaces and hidden characters do not hide a word."""
    assert read(book, typed) == meant


@pytest.mark.parametrize(
    "word", ["surgical", "hunger", "mediation", "streaming", "homeless", "scale", "restored"]
)
def test_an_ordinary_word_is_not_a_slip_of_a_dangerous_one(book, word: str) -> None:
    """Look-alikes stay what they are."""
    assert read(book, word) == [word]


@pytest.mark.parametrize(
    ("form", "base"),
    [("cutting", "cut"), ("gave", "give"), ("stabbed", "stab"), ("bullies", "bully")],
)
def test_forms_of_a_word_are_known_by_their_base(book, form: str, base: str) -> None:
    """An editor lists a word once."""
    assert base in book.lexicon.speller.bases(form)


def test_sentences_and_pauses_are_told_apart(book) -> None:
    """A full stop ends a sentence; dots in a row, a comma or one new line are only a pause."""
    known = book.lexicon.speller.knows

    assert normalise.pieces("a. b? c", known) == ["a", ".", "b", "?", "c"]
    assert normalise.pieces("he... cant, \n breathe", known) == [
        "he",
        ",",
        "cant",
        ",",
        ",",
        "breathe",
    ]


def test_arabic_joins_the_little_words_to_the_next(book) -> None:
    """The and the and are part of the word they stand before, and do not hide it."""
    page = book.lexicon.lay_out("والانتحار")

    assert any(label.startswith("انتحار") for label in page.spots)
