"""What can be read at all: a message without a word says nothing to look up."""


def is_without_words(text: str) -> bool:
    """Return whether `text` has no letter and no digit: pictures and punctuation only."""
    return not any(char.isalnum() for char in text)
