"""How far each answer is from its next review, and which are held back for want of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from helpline.guide.content import TermList, Topic

DEFAULT_GRACE_DAYS: Final = 30
DUE_WITHIN_DAYS: Final = 30


class ReviewState(StrEnum):
    """Where an answer stands; in the order of what staff should look at last to first."""

    CURRENT = "current"
    DUE = "due"
    LAPSED = "lapsed"
    HELD_BACK = "held_back"


@dataclass(frozen=True)
class Review:
    """One topic, or the glossary, as staff see it. `approved` is Pact's word for these words."""

    id: str
    title: str
    owner: str
    reviewed_on: date
    review_by: date
    state: ReviewState
    approved: bool

    def __str__(self) -> str:
        """Say it on one line, for whoever starts or checks the service."""
        said = {
            ReviewState.CURRENT: "is reviewed",
            ReviewState.DUE: "is due for review",
            ReviewState.LAPSED: "is past its review",
            ReviewState.HELD_BACK: "is held back: a person answers instead",
        }[self.state]
        return f"{self.id} {said} (by {self.review_by.isoformat()}, {self.owner})"


def review_state(reviewed: Topic | TermList, today: date, grace_days: int) -> ReviewState:
    """Return where `reviewed` stands on `today`.

    The day `review_by` itself and `grace_days` after it still count; the day after is held back.
    """
    if today > reviewed.review_by + timedelta(days=grace_days):
        return ReviewState.HELD_BACK
    if today > reviewed.review_by:
        return ReviewState.LAPSED
    if today + timedelta(days=DUE_WITHIN_DAYS) >= reviewed.review_by:
        return ReviewState.DUE
    return ReviewState.CURRENT


def list_reviews(
    topics: Iterable[Topic], glossary: TermList | None, today: date, grace_days: int
) -> list[Review]:
    """Return every published topic and the glossary, what has waited longest for a review first."""
    found = [
        Review(
            id=topic.id,
            title=topic.title,
            owner=topic.owner,
            reviewed_on=topic.reviewed_on,
            review_by=topic.review_by,
            state=review_state(topic, today, grace_days),
            approved=topic.approval is not None,
        )
        for topic in topics
        if topic.status == "published"
    ]
    if glossary is not None:
        found.append(
            Review(
                id="glossary",
                title="The glossary",
                owner=glossary.owner,
                reviewed_on=glossary.reviewed_on,
                review_by=glossary.review_by,
                state=review_state(glossary, today, grace_days),
                approved=glossary.approval is not None,
            )
        )
    return sorted(found, key=lambda review: (review.review_by, review.id))
