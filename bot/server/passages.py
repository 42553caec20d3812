"""Cuts a message into passages, so that a danger told in half a sentence is not read away.

The encoder takes the mean of all it reads, and reads a limited length: one clause of danger among
ten about visiting times hardly counts. So the passages of a message are judged by themselves too,
and one of them must be surer than a whole message would have to be (docs/adr/0026).
"""

import re
from typing import List

SHORTEST = 28  # words; a shorter message is read whole
LONG = 120  # words; from here the passages are longer, so that reading them stays quick
PASSAGE, LONG_PASSAGE = 22, 44  # words in a passage, about
MOST = 16  # passages read, evenly over the message
_ENDS = re.compile(r"(?<=[.?!;\n])\s+")


def passages(text: str) -> List[str]:
    """Return overlapping passages of `text`, none of a short one.

    They end where sentences do; words without punctuation are cut by number.
    """
    length = len(text.split())
    if length < SHORTEST:
        return []
    size = PASSAGE if length <= LONG else LONG_PASSAGE
    pieces = [
        piece for sentence in _ENDS.split(text) for piece in _short(sentence.split(), size // 2)
    ]
    found = list(dict.fromkeys(_joined(pieces, start, size) for start in range(len(pieces))))
    return found[:: -(-len(found) // MOST)]


def _joined(pieces: List[List[str]], start: int, size: int) -> str:
    """Join the pieces from `start` on that fit into a passage; at least the first."""
    taken: List[str] = []
    for piece in pieces[start:]:
        if taken and len(taken) + len(piece) > size:
            break
        taken += piece
    return " ".join(taken)


def _short(words: List[str], most: int) -> List[List[str]]:
    return [words[start : start + most] for start in range(0, len(words), most)]
