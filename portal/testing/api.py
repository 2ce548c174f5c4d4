"""The routes of a plugin's or a module's API, with values for their parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver
from django.urls.converters import IntConverter, UUIDConverter
from django.urls.resolvers import RoutePattern

from portal.http.access import policy_of
from portal.plugins import ModuleConfig, PluginConfig, room
from portal.services.http_auth.base import AuthPolicy

PARAMETER = re.compile(r"<(?:[^>:]+:)?([^>:]+)>")
METHODS = ("get", "post", "put", "patch", "delete")


class ApiRoute(NamedTuple):
    """A route below ``/api/<plugin-id>/``; ``path`` has values in the places of its parameters."""

    path: str
    view: Callable[..., Any]

    @property
    def methods(self) -> list[str]:
        """The methods that the view answers; of a function nobody knows, so GET."""
        view_class = getattr(self.view, "cls", None) or getattr(self.view, "view_class", None)
        return [name for name in METHODS if hasattr(view_class, name)] if view_class is not None else ["get"]

    @property
    def policy(self) -> AuthPolicy:
        """Who may call it."""
        return policy_of(self.view)


def api_routes(app: PluginConfig | ModuleConfig) -> Iterator[ApiRoute]:
    """Yield every route of the room ``api.urls`` of a plugin, or of a module, which are below its plugin's.

    Raises ``LookupError`` for one without a known form.
    """
    urls = room(app, "api.urls")
    if urls is not None:
        yield from _routes(f"/api/{app.plugin_id}/", urls.urlpatterns)


def _routes(prefix: str, patterns: Sequence[URLPattern | URLResolver]) -> Iterator[ApiRoute]:
    for pattern in patterns:
        path = prefix + _filled(pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(path, pattern.url_patterns)
        else:
            yield ApiRoute(path, pattern.callback)


def _filled(pattern: URLPattern | URLResolver) -> str:
    route = pattern.pattern
    if not isinstance(route, RoutePattern):
        raise LookupError(f"The route {str(route)!r} is a regular expression. Write it with path().")
    return PARAMETER.sub(lambda match: _example(route.converters[match[1]]), str(route))


def _example(converter: object) -> str:
    if isinstance(converter, IntConverter):
        return "1"
    if isinstance(converter, UUIDConverter):
        return "00000000-0000-4000-8000-000000000000"
    return "x"
