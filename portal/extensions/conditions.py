"""Whether an extension is there for this request: Backstage's ``if`` predicates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest

from portal.entities import matches
from portal.extensions.flags import feature_flags_api
from portal.extensions.registry import ask_api
from portal.extensions.tree import Node
from portal.extensions.utility import permission_api
from portal.permissions import Permission
from portal.services import permissions_registry


def is_enabled(node: Node, request: HttpRequest) -> bool:
    """Say whether a node's predicate, and those of all above it, hold for the person who asks."""
    above: Node | None = node
    while above is not None:
        predicate = above.enabled_if
        if predicate is not None and not matches(predicate, _facts(predicate, request)):
            return False
        above = above.parent
    return True


def feature_flags(request: HttpRequest) -> list[str]:
    """Return the names of the feature flags that the person has switched on; none if nobody keeps them."""
    return ask_api(feature_flags_api, lambda api: api.active(request), [])


def _facts(predicate: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    """Return what predicates are asked over. Only permissions that the predicate names are looked up."""
    asked = {text for text in _texts(predicate) if "#" in text}
    return {
        "featureFlags": feature_flags(request),
        "permissions": sorted(text for text in asked if _is_allowed(text, request)),
    }


def _is_allowed(text: str, request: HttpRequest) -> bool:
    """Say whether the person has a permission, given as ``name#action``. Asked once for each request."""
    decisions: dict[str, bool] | None = getattr(request, "_portal_decisions", None)
    if decisions is None:
        decisions = request._portal_decisions = {}  # type: ignore[attr-defined]
    if text not in decisions:
        name, _, action = text.partition("#")
        owned = permissions_registry.permissions_of(name.partition(".")[0])
        known = next((permission for permission in owned if permission.name == name), None)
        decisions[text] = _may(request, known or Permission(name, action or None))
    return decisions[text]


def _may(request: HttpRequest, permission: Permission) -> bool:
    """Say whether the person has a permission; not if nobody provides the API that knows."""
    return ask_api(permission_api, lambda api: api.is_allowed(request, permission), otherwise=False)


def _texts(value: object) -> Iterator[str]:
    """Yield every text in a predicate."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
