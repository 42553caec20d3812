"""What a browser is told and what it must prove: headers always, posts from our pages only."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from flask_talisman import Talisman

from web.context import settings

# No inline script or style, nothing from anyone else, no frame around us.
CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
PERMISSIONS_POLICY = {
    "camera": "()",
    "geolocation": "()",
    "microphone": "()",
    "payment": "()",
    "usb": "()",
}


def protect(app: Flask, public_base_url: str) -> None:
    """Send the security headers with every response of `app`, whatever made it."""
    https = public_base_url.startswith("https://")
    Talisman(
        app,
        content_security_policy=CONTENT_SECURITY_POLICY,
        permissions_policy=PERMISSIONS_POLICY,
        # The browser tells nobody else where it was, and still proves to us where a form came from:
        # with "no-referrer" it would send "Origin: null" even from our own page.
        referrer_policy="same-origin",
        frame_options="DENY",
        force_https=False,  # the proxy in front redirects; practice mode runs on plain loopback
        strict_transport_security=https,
        session_cookie_secure=https,
        session_cookie_samesite="Strict",
    )

    @app.after_request
    def keep_nothing(response: Response) -> Response:
        """Pages stay out of every cache, so that Back after leaving has nothing to show."""
        if request.endpoint != "pages.static":
            response.headers["Cache-Control"] = "no-store"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


def refuse_other_sites() -> None:
    """Stop a post that another site made the browser send: 403.

    OWASP's fetch-metadata defence: `Sec-Fetch-Site`, or `Origin` where a browser does not send it
    yet. One that sends neither is old or no browser at all; the cookie is SameSite=Strict anyway.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            abort(403)
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc not in _own_hosts():
        abort(403)


def _own_hosts() -> set[str]:
    return {request.host, urlsplit(settings().public_base_url).netloc} - {""}
