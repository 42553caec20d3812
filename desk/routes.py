"""Every module that adds routes to the blueprint."""


def load_routes() -> None:
    """Import them, once; a blueprint must be whole before it is registered."""
    from desk import (  # noqa: F401, PLC0415
        actions,
        care,
        digest,
        errors,
        inbox,
        me,
        numbers,
        oidc,
        people,
        record_pages,
        rota,
        security,
        signing_in,
        talk,
        tasks,
    )
