"""Text as families type it, or as speech software hears it, into plain tokens.

Nothing here knows what a word means. Every step reads the text once, so the work grows with its
length and with nothing else.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

BOUNDARY = "."  # the end of a sentence
QUESTION = "?"  # the end of a question
PAUSE = ","  # a comma, a dash, a single line break
MARKS = frozenset({BOUNDARY, QUESTION, PAUSE})

_INVISIBLE = (
    *range(0x0009),
    *range(0x000E, 0x0020),
    *range(0x007F, 0x00A0),
    0x00AD,
    0x034F,
    0x061C,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    0xFEFF,
)
_MARKS = (
    *range(0x0300, 0x0370),
    0x0640,  # the Arabic letter stretcher
    *range(0x064B, 0x0660),
    0x0670,
    *range(0x06D6, 0x06EE),
    *range(0x1AB0, 0x1B00),
    *range(0x1DC0, 0x1E00),
    *range(0x20D0, 0x2100),
    *range(0xFE20, 0xFE30),
)
# Letters with no decomposition of their own, and the Arabic and Urdu keyboard's different codes
# for one letter.
_LETTERS = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "ى": "ي",
    "ی": "ي",
    "ے": "ي",
    "ک": "ك",
    "ہ": "ه",
    "ھ": "ه",
    "ۀ": "ه",
    "ة": "ه",
    "ۃ": "ه",
    "ں": "ن",
    "ٱ": "ا",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "´": "'",
    "`": "'",
    "،": ",",
    "؟": "?",
    "۔": ".",
    "؛": ";",
    "£": " pound ",
    "&": " and ",
    "+": " and ",
    "💊": " pills ",
    "🔪": " knife ",
    "🩸": " blood ",
    "🚑": " ambulance ",
    "🆘": " help ",
    "⚰": " coffin ",
}
_FIRST_PASS = dict.fromkeys(_INVISIBLE, "")
_SECOND_PASS = dict.fromkeys(_MARKS, "") | {ord(mark): plain for mark, plain in _LETTERS.items()}

# Each alternative starts with a character no other one can start with, so nothing is read twice.
_PIECES = re.compile(
    r"[^\W_]+(?:['*@$!][^\W_]+)*"  # a word, with what people put inside words
    r"|[.!?;\u2026]+"
    r"|\n\s*"
    r"|[,:()\[\]\u2013\u2014\-]"
)
_SPELLED_OUT = 3  # fewer single letters in a row than this are just letters


def plain(text: str) -> str:
    """Return the text in lower case, with one form of each letter and nothing hidden."""
    text = text.translate(_FIRST_PASS)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = text.casefold().translate(_SECOND_PASS)
        return text.translate(_FIRST_PASS)
    return text.lower().translate(_SECOND_PASS)


def pieces(text: str, is_word: Callable[[str], bool]) -> list[str]:
    """Split any text into words, and BOUNDARY, QUESTION and PAUSE where the writer stopped.

    `is_word` says whether letters typed one by one make a word worth joining.
    """
    found: list[str] = []
    for piece in _PIECES.findall(plain(text)):
        first = piece[0]
        if first.isalnum():
            found.append(piece)
        elif "?" in piece:
            found.append(QUESTION)
        elif first in ".!;\u2026":
            # Dots in a row are how many people write a comma.
            found.append(PAUSE if piece.startswith(("..", "\u2026")) else BOUNDARY)
        elif first == "\n":
            found.append(BOUNDARY if piece.count("\n") > 1 else PAUSE)
        else:
            found.append(PAUSE)
    return _join_spelled_out(found, is_word)


def _join_spelled_out(found: Sequence[str], is_word: Callable[[str], bool]) -> list[str]:
    """Join letters typed one by one, as in "s u i c i d e" or "k.i.l.l", into a word."""
    joined: list[str] = []
    run: list[str] = []
    for piece in (*found, ""):
        single = len(piece) == 1 and piece.isalpha()
        if single or (run and piece in (BOUNDARY, PAUSE) and run[-1] not in (BOUNDARY, PAUSE)):
            run.append(piece)
            continue
        if run:
            word = "".join(letter for letter in run if letter not in (BOUNDARY, PAUSE))
            if len(word) >= _SPELLED_OUT and is_word(word):
                joined.append(word)
                joined.extend(run[-1:] if run[-1] in (BOUNDARY, PAUSE) else ())
            else:
                joined.extend(run)
            run = []
        if piece:
            joined.append(piece)
    return joined
