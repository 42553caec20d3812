"""Cuts a long message into passages, so that the end of it is read too.

The encoder reads a limited number of tokens from the start; a danger told after that would be lost.
Shorter messages are read whole: their passages, judged by themselves, only raised false alarms
(docs/adr/0021).
"""

from typing import List

READ_WHOLE = 80  # words that surely fit into the encoder's limit
PASSAGE = 60
STEP = 40  # so that passages overlap and no sentence is only seen in halves
MOST = 12  # passages read; what a family writes beyond is read by the rules alone


def passages(text: str) -> List[str]:
    """Return overlapping passages of a long `text`, none of a short one."""
    words = text.split()
    if len(words) <= READ_WHOLE:
        return []
    starts = range(0, len(words) - PASSAGE + STEP, STEP)
    found = [" ".join(words[start : start + PASSAGE]) for start in starts]
    return found if len(found) <= MOST else found[: MOST // 2] + found[-(MOST // 2) :]
