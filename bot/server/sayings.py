"""Compares whole messages: two that say the same in passing words are one."""

import re
from typing import Text

_PEOPLE = {"he": "they", "she": "they", "hes": "theyre", "shes": "theyre", "him": "them"}
_PEOPLE.update({"her": "them", "his": "their", "hers": "their", "we": "i", "us": "me"})
_THEY_DO = {"refuses": "refuse", "says": "say", "doesnt": "dont", "decides": "decide"}
_BEFORE = frozenset({"and", "but", "so", "ok", "okay", "right", "well", "oh", "um", "er", "yes"})
_AFTER = frozenset({"please", "pls", "plz", "then", "though", "tho", "thanks"})


def loose(text: Text) -> Text:
    """Return `text` for comparing whole messages: what may be said in passing is left out.

    "And what if she refuses?" is "what if they refuse". A message that is nothing else stays: "ok".
    """
    words = [_PEOPLE.get(word, word) for word in plain(text).split()]
    words = [_THEY_DO.get(word, word) for word in words]
    kept = list(words)
    while len(kept) > 1 and kept[-1] in _AFTER:
        kept.pop()
    while len(kept) > 1 and kept[0] in _BEFORE:
        kept.pop(0)
    return " ".join(kept)


def plain(text: Text) -> Text:
    """Return `text` in lower case without punctuation."""
    return " ".join(re.sub(r"[^\w\s]", "", text.lower()).split())
