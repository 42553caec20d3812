"""What became of each message that left for a phone: a tick or a cross, and the reason."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.line_states import TextStatus
from helpline.models import TextDelivery

TICK, CROSS = "\N{CHECK MARK}", "\N{BALLOT X}"
WORDS = {
    TextStatus.DELIVERED: f"{TICK} Delivered by text",
    TextStatus.BARRED: f"{CROSS} Not sent: they asked for no more texts",
    TextStatus.UNREACHABLE: f"{CROSS} Not sent: that number takes no texts",
    TextStatus.UNDELIVERED: f"{CROSS} The text did not arrive",
    TextStatus.FAILED: f"{CROSS} The text did not arrive",
}
ON_ITS_WAY = "Text on its way"


def fates(session: Session, message_ids: Sequence[int]) -> dict[int, str]:
    """Return by message id how its text stands; nothing for messages that are read on the web.

    A message in parts is delivered when all have arrived; one that was sent to a safer number too
    has arrived when either has.
    """
    if not message_ids:
        return {}
    rows = session.execute(
        select(TextDelivery.message_id, TextDelivery.safer, TextDelivery.status).where(
            TextDelivery.message_id.in_(message_ids)
        )
    )
    ways: dict[int, dict[bool, list[TextStatus]]] = defaultdict(lambda: defaultdict(list))
    for message_id, safer, status in rows:
        ways[message_id][safer].append(status)
    return {message_id: _best(list(found.values())) for message_id, found in ways.items()}


def _best(ways: list[list[TextStatus]]) -> str:
    worst = [max(parts, key=_badness) for parts in ways]
    best = min(worst, key=_badness)
    return WORDS.get(best, ON_ITS_WAY)


def _badness(status: TextStatus) -> int:
    if status is TextStatus.DELIVERED:
        return 0
    return 2 if status.did_not_arrive else 1
