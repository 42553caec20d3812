"""What came in overnight or over the weekend: the page a morning begins with."""

from flask import render_template
from flask.typing import ResponseReturnValue

from desk.blueprint import bp
from desk.context import service, settings
from desk.tasks import KIND_WORDS
from desk.views import item_view
from helpline import digest as digests
from helpline.clock import utcnow
from helpline.db import transaction


@bp.get("/digest")
def digest() -> ResponseReturnValue:
    """Show the last stretch out of hours, and what is due in the coming day."""
    now = utcnow()
    with transaction() as session:
        found = digests.gather(
            session,
            digests.last_closed(service().hours, now),
            now,
            practice=settings().practice_mode,
        )
        return render_template(
            "desk/digest.html",
            digest=found,
            came=[item_view(item) for item in found.came],
            due=[item_view(item) for item in found.due],
            tasks=[(KIND_WORDS.get(task.kind, task.kind.value), task) for task in found.tasks],
            now=now,
        )
