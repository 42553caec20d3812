"""The public web chat and its JSON API. Works without JavaScript."""

from flask import Flask
from flask_openapi3 import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

MAX_BODY_BYTES = 256 * 1024
WAIT_FOR_ANSWER_SECONDS = 6.0  # longer than the assistant may take, so a form finds its answer


def make_app() -> Flask:
    """Return an empty application that can describe its API.

    The caller adds what it depends on, `extensions["settings"]`, `["helpline"]` (Service) and
    `["newsroom"]`, then calls `install`.
    """
    from web.api import INFO, SECURITY  # noqa: PLC0415 - `import web` stays cheap
    from web.api_models import ErrorOut  # noqa: PLC0415
    from web.errors import validation_error  # noqa: PLC0415

    app = OpenAPI(
        "web",
        info=INFO,
        security_schemes=SECURITY,
        doc_ui=False,
        static_folder=None,
        validation_error_model=ErrorOut,
        validation_error_callback=validation_error,
    )
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        WAIT_FOR_ANSWER_SECONDS=WAIT_FOR_ANSWER_SECONDS,
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,  # an asset's address changes with its content
    )
    return app


def install(app: Flask) -> None:
    """Register pages, API, headers, limits and errors on an app made by `make_app`.

    Raises KeyError or GuideError when the page words cannot be read: better at start than at night.
    """
    from web import api, docs, pages  # noqa: PLC0415
    from web.errors import install_errors  # noqa: PLC0415
    from web.limits import install_limits  # noqa: PLC0415
    from web.live import install_live  # noqa: PLC0415
    from web.security import protect  # noqa: PLC0415
    from web.words import PageWords  # noqa: PLC0415

    settings = app.extensions["settings"]
    app.extensions["page_words"] = PageWords(settings.guide_folder)
    if hops := settings.trusted_proxies:
        # Without it every family behind the proxy would share one address and so one limit.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    protect(app, settings.public_base_url)
    install_limits(app)
    install_live(app)
    app.register_api(api.bp)
    app.register_blueprint(docs.bp)
    app.register_blueprint(pages.bp)
    install_errors(app)
