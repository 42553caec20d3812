"""Whether anything was said at all."""

import unicodedata

from helpline.conversations import clean

_INVISIBLE = {"Cf", "Cc", "Zs", "Zl", "Zp"}


def is_empty(text: str) -> bool:
    """Return True when `text` holds only spaces, controls and zero-width marks."""
    return all(unicodedata.category(char) in _INVISIBLE for char in clean(text))
