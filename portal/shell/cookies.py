"""What a browser remembers of the shell for somebody. It is the browser's: another one knows nothing of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

YEAR = 365 * 24 * 60 * 60
#: Read here and written by ``static/portal/portal.js``, so that a page comes in the right colours from the start.
THEME_COOKIE = "portal_theme"
#: Likewise, by ``static/portal/shell.js``: ``collapsed``, or anything else for a sidebar that stands open.
SIDEBAR_COOKIE = "portal_sidebar"
LANGUAGE_COOKIE = "portal_language"


def remember(request: HttpRequest, response: HttpResponse, cookie: str, value: str) -> None:
    """Have the browser remember a value for a year."""
    response.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
