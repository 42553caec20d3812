"""Cuts a long message into passages, so that a danger buried in it is not read away.

The encoder reads a limited length and takes the mean of all of it; one sentence of danger among
ten about visiting times would hardly count. Each passage is judged by itself as well.
"""

import re
from typing import List

SHORTEST = 28  # words; a shorter message is read whole
PASSAGE = 22  # words in a passage, about
_ENDS = re.compile(r"(?<=[.?!;\n])\s+")


def passages(text: str) -> List[str]:
    """Return overlapping passages of a long `text`, none of a short one.

    They end where sentences do; words without punctuation are cut by number.
    """
    if len(text.split()) < SHORTEST:
        return []
    pieces = [piece for sentence in _ENDS.split(text) for piece in _short(sentence.split())]
    found: List[str] = []
    for start in range(len(pieces)):
        taken: List[str] = []
        for piece in pieces[start:]:
            if taken and len(taken) + len(piece) > PASSAGE:
                break
            taken += piece
        if taken:
            found.append(" ".join(taken))
    return list(dict.fromkeys(found))


def _short(words: List[str]) -> List[List[str]]:
    """Cut words into pieces of at most half a passage."""
    most = PASSAGE // 2
    return [words[start : start + most] for start in range(0, len(words), most)]
