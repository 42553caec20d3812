"""What a worker can send without writing it: the guide's answers and the ready-made replies."""

from collections.abc import Mapping

from flask import current_app
from rapidfuzz import fuzz, process, utils

from desk.context import service
from helpline.ready_replies import ReadyReply

SHOWN = 6
CLOSE_ENOUGH = 50.0


def ready_replies() -> Mapping[str, ReadyReply]:
    """Return the ready-made replies read at start."""
    found: Mapping[str, ReadyReply] = current_app.extensions["ready_replies"]
    return found


def find_topics(query: str) -> list[tuple[str, str]]:
    """Return (id, title) of the published topics whose titles come closest to `query`."""
    guide = service().guide
    titles = {
        topic: guide.title(topic) for topic in guide.topic_ids() if not guide.is_conversation(topic)
    }
    best = process.extract(
        query,
        titles,
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        limit=SHOWN,
        score_cutoff=CLOSE_ENOUGH,
    )
    return [(topic, title) for title, _, topic in best]
