"""Numbers that help: a page to read or print each quarter, and the same as a table to export."""

import csv
import io

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from desk.access import actor
from desk.blueprint import bp
from desk.context import settings
from desk.viewer import viewer
from helpline import audit, figures
from helpline.clock import london_date, utcnow
from helpline.db import transaction
from helpline.figures import Figures


@bp.get("/numbers")
def numbers() -> ResponseReturnValue:
    """Show a quarter in tables, each drawn as bars too."""
    found = _figures("numbers_viewed")
    return render_template(
        "desk/numbers.html",
        figures=found,
        quarters=figures.last_quarters(london_date(utcnow())),
        few=figures.FEW,
    )


@bp.get("/numbers.csv")
def numbers_csv() -> ResponseReturnValue:
    """Give the same numbers as one table."""
    found = _figures("numbers_exported")
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["question", "row", "value"])
    for each in found.tables:
        table.writerows([each.title, row.label, row.words] for row in each.rows)
        if each.total is not None:
            table.writerow([each.title, "total", each.total])
    for wait in found.waits:
        for name, value in (("median", wait.median), ("slowest tenth from", wait.slowest_tenth)):
            words = figures.FEW if value is None else value
            table.writerow([f"Minutes to a human, {name}", wait.label, words])
    response = Response(text.getvalue(), mimetype="text/csv; charset=utf-8")
    name = f"numbers-{found.period.name}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _figures(action: str) -> Figures:
    name = request.args.get("quarter") or figures.quarter_of(london_date(utcnow()))
    try:
        period = figures.quarter(name)
    except ValueError:
        abort(404)
    with transaction() as session:
        audit.record(
            session,
            actor=actor(),
            action=action,
            subject_type="account",
            subject_id=viewer().account.id,
            quarter=period.name,
        )
        return figures.gather(session, period, practice=settings().practice_mode)
