"""List ordinary words that the safety rules would take for a slip of a dangerous one.

Usage: python tools/safety_lookalikes.py WORDLIST   (one word a line, any English list)

Read the result, and put what is an ordinary word into look_alikes in
guide_content/safety/words/look_alikes.yml.
"""

import sys
from pathlib import Path

from helpline.safety import rules

_SHORTEST = 4


def main() -> int:
    """Print each word of the list that is read as another, with what it is read as."""
    if len(sys.argv) != 2:  # noqa: PLR2004 the script and its one argument
        print(__doc__)
        return 2
    speller = rules.load().lexicon.speller
    for word in sorted(set(Path(sys.argv[1]).read_text(encoding="utf-8").split())):
        if len(word) >= _SHORTEST and word.isalpha() and word.isascii() and word.islower():
            meant = speller.read(word)
            if meant != (word,) and not speller.knows(word):
                print(word, *meant)
    return 0


if __name__ == "__main__":
    sys.exit(main())
