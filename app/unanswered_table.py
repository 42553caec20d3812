"""What families asked and the guide had nothing for, as a table on the command line."""

from datetime import datetime

from rich.table import Table
from sqlalchemy.orm import Session

from helpline.unanswered import Gap, list_unanswered


def unanswered(session: Session, since: datetime, *, words: bool) -> Table:
    """Return the questions since `since`; with `words`, those still kept, for an editor's eyes."""
    table = Table("Nearest topic", "Asked back", "Unanswered", "Not covered", "Then answered with")
    if words:
        table.add_column("In their words")
    for group in list_unanswered(session, since):
        then = ", ".join(
            f"{topic} ({count})"
            for topic, count in sorted(group.went_on_to.items(), key=lambda item: -item[1])
        )
        counts = [str(group.counts.get(gap, "")) for gap in Gap]
        said = ["\n".join(example.text for example in group.examples)] if words else []
        table.add_row(group.nearest or "none", *counts, then, *said)
    return table
