"""The staff desk under /desk: sign-in, inbox, takeover, records, rota. Denies by default."""

from flask import Flask


def install(app: Flask) -> None:
    """Register the desk on an app that has its settings, service and newsroom.

    Raises GuideError when the ready-made replies cannot be read: better at start than at night.
    """
    from desk.blueprint import bp, csrf  # noqa: PLC0415 - `import desk` stays cheap
    from desk.live import install_live  # noqa: PLC0415
    from desk.oidc import install_oidc  # noqa: PLC0415
    from desk.routes import load_routes  # noqa: PLC0415
    from helpline import ready_replies  # noqa: PLC0415

    settings = app.extensions["settings"]
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        WTF_CSRF_CHECK_DEFAULT=False,  # the desk asks for it itself; API and carrier have no forms
        WTF_CSRF_TIME_LIMIT=None,  # a form is as good as the browser session it came from
        SESSION_COOKIE_NAME="desk_form",
        SESSION_COOKIE_PATH="/desk",
        SESSION_COOKIE_SAMESITE="Lax",  # a link in an alert must find the worker signed in
    )
    app.extensions["ready_replies"] = ready_replies.load(settings.guide_folder)
    csrf.init_app(app)
    install_oidc(app)
    install_live(app)
    load_routes()
    app.register_blueprint(bp)
