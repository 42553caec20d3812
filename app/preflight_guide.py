"""What whoever starts the service should know of the guide: what families will not be given.

Nothing here stops a start: a family is better served with a gap than not at all.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from helpline.clock import london_date, utcnow
from helpline.guide.content import Guide
from helpline.guide.loader import load_guide
from helpline.guide.numbers import Shown, unrung
from helpline.guide.reviews import Review, ReviewState, list_reviews
from helpline.settings import Settings

NAMED_AT_MOST = 8  # in one line; the whole list is a command away
WHOLE_LIST = "python -m app check-guide --live"


def guide_warnings(settings: Settings, today: date | None = None) -> list[str]:
    """Return what is missing or late in the guide's files, one plain sentence each.

    In live mode: the numbers that are held back because nobody has rung them, and answers that wait
    for approval. In every mode: answers past their review. Raises GuideError on wrong files.
    """
    guide = load_guide(settings.guide_folder)
    day = today or london_date(utcnow())
    reviews = list_reviews(guide.topics.values(), guide.glossary, day, settings.review_grace_days)
    return [*_numbers(guide, settings), *_reviews(reviews, live=not settings.practice_mode)]


def _numbers(guide: Guide, settings: Settings) -> Iterator[str]:
    missing = unrung(guide, settings.guide_folder)
    live = not settings.practice_mode
    if live and not settings.phone_number:
        yield "HELPLINE_PHONE_NUMBER is not set: families are told no number of ours."
    if not missing:
        return
    if settings.unverified_numbers_shown:
        if live:
            yield (
                f"HELPLINE_SHOW_UNVERIFIED_NUMBERS is on: families may be given {len(missing)} "
                "numbers that nobody has rung, with a caution."
            )
        return
    yield (
        f"{len(missing)} numbers are held back because nobody has rung them; families get another "
        f"way instead. All of them: {WHOLE_LIST}"
    )
    lines = dict.fromkeys(number.line for number in missing)
    for line in lines:
        yield f"  {_named(line, [number for number in missing if number.line == line])}"


def _named(line: str, numbers: Sequence[Shown]) -> str:
    names = ", ".join(number.who for number in numbers[:NAMED_AT_MOST])
    more = len(numbers) - NAMED_AT_MOST
    return f"{line}: {names}" + (f" and {more} more" if more > 0 else "")


def _reviews(reviews: Sequence[Review], *, live: bool) -> Iterator[str]:
    for review in reviews:
        if review.state in {ReviewState.LAPSED, ReviewState.HELD_BACK}:
            yield f"{review}."
    waiting = sum(not review.approved for review in reviews)
    if live and waiting:
        yield f"{waiting} of {len(reviews)} pages of the guide await approval by Pact, and say so."
