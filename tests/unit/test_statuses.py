"""The transition tables."""

import pytest

from helpline.enums import (
    ALERT_MOVES,
    CONVERSATION_MOVES,
    HANDOVER_MOVES,
    REVISION_MOVES,
    TASK_MOVES,
    AlertStatus,
    ConversationStatus,
    HandoverStatus,
    RevisionStatus,
    Severity,
    TaskStatus,
    move,
)
from helpline.errors import Conflict


@pytest.mark.parametrize(
    ("moves", "statuses"),
    [
        (CONVERSATION_MOVES, ConversationStatus),
        (HANDOVER_MOVES, HandoverStatus),
        (REVISION_MOVES, RevisionStatus),
        (ALERT_MOVES, AlertStatus),
        (TASK_MOVES, TaskStatus),
    ],
)
def test_every_status_has_its_moves(moves: dict, statuses: type) -> None:
    """A status added without saying where it may go fails here."""
    assert set(moves) == set(statuses)


def test_a_closed_handover_stays_closed() -> None:
    """Nothing reopens a closed handover: a new one is requested."""
    for to in HandoverStatus:
        with pytest.raises(Conflict):
            move(HANDOVER_MOVES, HandoverStatus.CLOSED, to)


def test_severities_are_ordered() -> None:
    """Immediate outranks urgent outranks none."""
    assert Severity.IMMEDIATE.rank > Severity.URGENT.rank > Severity.NONE.rank
