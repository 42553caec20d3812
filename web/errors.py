"""Errors as a family sees them and as the API gives them, and which status each one is."""

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from helpline.errors import Conflict, NotFound, TransientFailure
from web.live import TooManyStreams
from web.pages import Draft, refuse
from web.words import page_words

STATUSES: dict[type[Exception], int] = {
    NotFound: 404,
    Conflict: 409,
    TransientFailure: 503,
    TooManyStreams: 503,
    OperationalError: 503,
    PoolTimeout: 503,
}
CODES = {
    400: "bad_request",
    401: "token_missing",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "closed",
    413: "too_long",
    415: "not_json",
    422: "invalid",
    429: "too_many",
    503: "unavailable",
}

log = logging.getLogger(__name__)


class ApiError(Exception):
    """Something the API refuses, with words of its own."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        """Keep what the response will say."""
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.field = field


def install_errors(app: Flask) -> None:
    """Answer every error in plain words, with the way to help, and never with exception text."""
    for kind, status in STATUSES.items():
        app.register_error_handler(kind, _Known(status))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ApiError, _api_error)
    app.register_error_handler(Exception, _unknown_error)


def error_json(status: int, code: str, message: str, field: str | None = None) -> Response:
    """Return the API's one shape of error."""
    detail = {"code": code, "message": message}
    if field is not None:
        detail["field"] = field
    response = jsonify(error=detail)
    response.status_code = status
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def validation_error(error: ValidationError) -> Response:
    """Say which field of a request is wrong, and why. What was sent is not repeated."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or None
    return error_json(422, "invalid", f"{first['msg']}.", field)


class _Known:
    """Handles one kind of our own errors."""

    def __init__(self, status: int) -> None:
        self._status = status

    def __call__(self, error: Exception) -> ResponseReturnValue:
        if self._status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("unavailable", extra={"error": type(error).__name__})
        return _answer(self._status)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error  # a redirect, or a response of its own such as validation_error
    response = make_response(_answer(error.code))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _api_error(error: ApiError) -> ResponseReturnValue:
    return error_json(error.status, error.code, error.message, error.field)


def _unknown_error(error: Exception) -> ResponseReturnValue:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return _answer(503)
    log.error("request failed", exc_info=error, extra={"error": type(error).__name__})
    return _answer(500)


def _answer(status: int) -> ResponseReturnValue:
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if request.path.startswith("/api/"):
        code = CODES.get(status, "internal" if ours else "bad_request")
        return error_json(status, code, page_words().plain(status))
    sending = request.endpoint == "pages.send"
    if sending and status == HTTPStatus.TOO_MANY_REQUESTS:
        return refuse("too_many", status)
    title, body = page_words().error(status)
    page = render_template(
        "web/error.html",
        title=title,
        body=body,
        status=status,
        # What a family was sending when it broke goes back to them in a box.
        kept=Draft.from_form() if sending and ours else None,
        started=False,
        notice=None,
    )
    return make_response(page, status)
