"""Every module that adds routes to the blueprint."""


def load_routes() -> None:
    """Import them, once; a blueprint must be whole before it is registered."""
    from desk import errors, me, oidc, people, security, signing_in  # noqa: F401, PLC0415
