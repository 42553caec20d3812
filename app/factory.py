"""Build the web application from its parts."""

from flask import Flask

import desk
import telephony
import web
from app import health, logs, metrics
from app.environment import load_settings
from app.wiring import build_service
from helpline.events import Newsroom
from helpline.settings import Settings


def make_app(settings: Settings | None = None) -> Flask:
    """Return the Flask application with its service, its news and every blueprint.

    Without `settings` it is a process of its own: it reads them from the environment and sets up
    its log.
    """
    if settings is None:
        settings = load_settings()
        logs.configure("web", json=settings.log_json)
    app = web.make_app()
    app.extensions["settings"] = settings
    app.extensions["helpline"] = build_service(settings)
    app.extensions["newsroom"] = Newsroom(settings.database_url)
    web.install(app)
    desk.install(app)
    telephony.install(app)
    app.register_blueprint(health.bp)
    app.register_blueprint(metrics.bp)
    return app
