"""Errors as staff see them: what happened, what was kept, what to do; never exception text."""

import logging
from http import HTTPStatus

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from desk.blueprint import bp
from helpline.errors import Conflict, NotFound, TransientFailure

STATUSES: dict[type[Exception], int] = {
    NotFound: 404,
    Conflict: 409,
    TransientFailure: 503,
    OperationalError: 503,
    PoolTimeout: 503,
}
WORDS: dict[int, tuple[str, str]] = {
    400: ("That did not arrive whole", "Go back, look it over, and send it again."),
    403: ("This is not for your role", "Ask a lead or an admin if you need it."),
    404: ("There is no such page", "It may have been moved, or it is not yours to see."),
    405: ("There is no such page", "Go back and use the buttons of the page."),
    409: (
        "Somebody was quicker, or it has changed",
        "Nothing was done. Open it again to see how it stands now.",
    ),
    413: ("That is too long", "Send it in smaller parts."),
    429: ("Too many tries", "Wait a quarter of an hour, then try again."),
    500: ("Something broke on our side", "Try again. If it happens again, tell an admin."),
    503: (
        "The desk cannot reach its database",
        "Try again in a minute. Families see the emergency steps. In danger? Act by phone now.",
    ),
}

log = logging.getLogger(__name__)


def error_page(status: int) -> Response:
    """Return the page for one status. A reply that was being sent comes back in a box."""
    known = status if status in WORDS else 400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500
    title, body = WORDS[known]
    page = render_template(
        "desk/error.html", title=title, body=body, kept=request.form.get("text", "")
    )
    return make_response(page, status)


@bp.errorhandler(CSRFError)
def _old_form(_: CSRFError) -> ResponseReturnValue:
    return error_page(400)


@bp.errorhandler(HTTPException)
def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    return error_page(error.code)


@bp.errorhandler(Exception)
def _other(error: Exception) -> ResponseReturnValue:
    for kind, status in STATUSES.items():
        if isinstance(error, kind):
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                log.warning("unavailable", extra={"error": type(error).__name__})
            return error_page(status)
    log.error("desk request failed", exc_info=error, extra={"error": type(error).__name__})
    return error_page(500)


@bp.route("/<path:rest>", methods=["GET", "POST"])
def nowhere(rest: str) -> ResponseReturnValue:
    """Answer any other address as the desk would, after sign-in."""
    del rest
    return error_page(404)
