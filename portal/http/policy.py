"""The Content-Security-Policy, strict by default and open to ``backend.csp``. Runs while settings load."""

from __future__ import annotations

from typing import Any

from portal.config import Config
from portal.errors import ConfigError

DEFAULT_DIRECTIVES: dict[str, list[str]] = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:", "https:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}


def content_security_policy(config: Config) -> dict[str, Any]:
    """Return django-csp's setting. ``backend.csp.<directive>``: a list replaces ours, ``false`` removes it."""
    directives: dict[str, Any] = dict(DEFAULT_DIRECTIVES)
    given = config.get("backend.csp", {})
    if not isinstance(given, dict):
        raise ConfigError("backend.csp must be an object of directives, such as {img-src: [\"'self'\"]}.")
    for directive, sources in given.items():
        if sources is False:
            directives.pop(directive, None)
        elif isinstance(sources, list) and all(isinstance(source, str) for source in sources):
            directives[directive] = sources
        else:
            raise ConfigError(f"backend.csp.{directive} must be a list of sources, or false to remove the directive.")
    return {"DIRECTIVES": directives}
