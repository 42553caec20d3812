"""One message laid out for matching, and the matching itself.

A message is held as one whole number for each label, with a bit for each word: matching is shifts
and ands. There is no backtracking, so no message can make it slow.
"""

from collections.abc import Iterable

from helpline.safety.patterns import ANY_WORD, Fit, Pattern

type Spots = tuple[tuple[int, int], ...]  # how long, and where it starts


class Page:
    """The words of a message, and where each label stands.

    ones: label to the words that carry it, as a mask. spots: label to everything that carries it,
    phrases too. now_from is the first word of the message itself; before it stand earlier
    messages. work counts the steps of matching, so that tests can bound them.
    """

    __slots__ = (
        "_kept",
        "breaks",
        "everywhere",
        "now_from",
        "ones",
        "pauses",
        "spots",
        "there",
        "words",
        "work",
    )

    def __init__(
        self, words: list[str], ones: dict[str, int], *, breaks: int, pauses: int, now_from: int
    ) -> None:
        self.words = words
        self.ones = ones
        self.breaks = breaks  # words that are the end of a sentence
        self.pauses = pauses  # words after which the writer paused
        self.now_from = now_from
        self.everywhere = (2 << len(words)) - 1  # every word, and the place after the last
        self.work = len(words)
        ones[ANY_WORD] = self.everywhere & ~breaks
        self.spots: dict[str, Spots] = {label: ((1, mask),) for label, mask in ones.items()}
        self.there: set[Fit] = set()  # all that fits somewhere, once the rules have been asked
        self._kept: dict[Fit, Spots] = {}

    def add_phrases(self, label: str, starts: Iterable[tuple[int, int]]) -> None:
        """Give phrases a label: for each length in words, the mask of where they start."""
        known = dict(self.spots.get(label, ()))
        for length, mask in starts:
            known[length] = known.get(length, 0) | mask
        self.spots[label] = tuple(known.items())

    def where(self, fit: Fit) -> Spots:
        """Return where something fits. The phrases of its labels must have been added by then."""
        if fit.only is not None:
            return self.spots.get(fit.only, ())
        found = self._kept.get(fit)
        if found is None:
            found = self._kept[fit] = self._find(fit)
        return found

    def _find(self, fit: Fit) -> Spots:
        self.work += 1
        starts: dict[int, int] = {}
        for label in self.spots.keys() & fit.labels:
            for length, mask in self.spots[label]:
                starts[length] = starts.get(length, 0) | mask
        return tuple(starts.items())

    def ends(self, pattern: Pattern, allowed: int | None = None, past_not: int = 0) -> int:
        """Return the places just after each match, as a mask; 0 for no match.

        A step may only stand on words in `allowed`, or in `past_not` once the pattern had its own
        "not"; without `allowed`, anywhere. Words that a gap skips are not asked about.
        """
        if allowed is None:
            allowed = past_not = self.everywhere
        state = self.everywhere
        if pattern.at_start:
            state &= 1 | (self.breaks << 1)
        self.work += pattern.work
        for step in pattern.steps:
            if step.gap:
                state = self._skip(state, step.gap)
            state &= past_not if step.past_its_not else allowed
            after = 0
            for length, mask in self.where(step.fit):
                here = state & mask
                for further in range(1, length if here else 0):
                    here &= past_not >> further  # a saying covers part of the phrase
                after |= here << length
            if not after:
                return 0
            state = after
        if pattern.at_end:
            state &= self.breaks | (1 << len(self.words))
        return state

    def _skip(self, state: int, words: int) -> int:
        """Return the places so many words on, or fewer, and not past the end of a sentence."""
        breaks = self.breaks
        if breaks:
            for _ in range(words):
                state |= (state & ~breaks) << 1
        else:
            for _ in range(words):
                state |= state << 1
        return state

    def wording(self, words: tuple[str, ...]) -> int:
        """Return where these words follow each other, as a mask of the first."""
        ones = self.ones
        self.work += 1
        starts = ones.get(words[0], 0)
        for place in range(1, len(words)):
            mask = ones.get(words[place])
            if not mask:
                return 0
            starts &= mask >> place
        return starts

    def phrase(self, fits: tuple[Fit, ...]) -> Iterable[tuple[int, int]]:
        """Return where these follow each other without a gap: each length, and the starts."""
        places = []
        for fit in fits:
            spots = self.where(fit)
            if not spots:
                return ()
            places.append(spots)
        self.work += len(fits)
        rest = {0: self.everywhere}
        for spots in reversed(places):
            longer: dict[int, int] = {}
            for length, mask in spots:
                for more, after in rest.items():
                    hit = mask & (after >> length)
                    if hit:
                        longer[length + more] = longer.get(length + more, 0) | hit
            if not longer:
                return ()
            rest = longer
        return rest.items()

    def last(self, label: str) -> int:
        """Return the last words of everything that carries the label."""
        mask = 0
        for length, starts in self.where(Fit.of((label,))):
            mask |= starts << (length - 1)
        return mask

    def covered(self, label: str) -> int:
        """Return every word that is part of something carrying the label."""
        mask = 0
        for length, starts in self.where(Fit.of((label,))):
            for further in range(length):
                mask |= starts << further
        return mask

    def carrying(self, labels: Iterable[str]) -> int:
        """Return the words that carry any of the labels, and the first words of their phrases."""
        mask = 0
        for _, starts in self.where(Fit.of(labels)):
            mask |= starts
        return mask

    def spread(self, mask: int, before: int, after: int, stops: int = 0) -> int:
        """Widen a mask by so many words each way; `stops` and sentence ends are not crossed."""
        if not mask:
            return 0
        may_pass = self.everywhere & ~(stops | self.breaks)
        left = right = mask
        for _ in range(after):
            right |= (right << 1) & may_pass
        for _ in range(before):
            left |= (left >> 1) & may_pass
        self.work += before + after
        return left | right
