"""Behind proxies: limits are counted for the family's own address, not for the proxy's."""

import pytest
from flask import request

from app import create_app
from helpline.db import configure


@pytest.mark.parametrize(
    ("trusted", "counted"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")]
)
def test_only_as_many_proxies_as_we_have_are_believed(connection, settings, trusted, counted):
    """What a visitor wrote into the header themselves is never taken for their address."""
    app = create_app(settings.model_copy(update={"trusted_proxies": trusted}))
    configure(connection)
    seen = []
    app.before_request(lambda: seen.append(request.remote_addr))

    app.test_client().get(
        "/health/live", headers={"X-Forwarded-For": "192.0.2.1, 198.51.100.7, 203.0.113.9"}
    )

    assert seen == [counted]
