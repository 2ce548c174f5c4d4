"""Route refs: names for places in the portal, so that a plugin links to a page without knowing where it is mounted.

A plugin defines its refs in its room ``routes``, with Backstage's ids (``<plugin id>.<key>``); a page extension bears
one as ``route_ref``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.routes.paths import InvalidPath, RoutePath

_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.[A-Za-z_]\w*")


class InvalidRouteRef(ValueError):
    """A route ref breaks the rules; the message says which one."""


def _require_id(ref_id: str) -> None:
    if not _ID.fullmatch(ref_id):
        raise InvalidRouteRef(f"route ref id {ref_id!r} must be '<plugin id>.<key>', such as 'catalog.catalogEntity'")


@dataclass(frozen=True, slots=True)
class RouteRef:
    """The place of a page: ``RouteRef("catalog.catalogEntity", params=("namespace", "kind", "name"))``."""

    id: str
    params: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_id(self.id)


@dataclass(frozen=True, slots=True)
class SubRouteRef:
    """A place below another one: ``SubRouteRef("scaffolder.ongoingTask", parent=root, path="/tasks/:taskId")``."""

    id: str
    parent: RouteRef | SubRouteRef
    path: str

    def __post_init__(self) -> None:
        _require_id(self.id)
        try:
            own = RoutePath.parse(self.path)
        except InvalidPath as error:
            raise InvalidRouteRef(f"route ref {self.id!r}: {error}") from None
        shared = set(own.parameters) & set(self.parent.params)
        if not own.segments or shared:
            problem = f"repeats the parameter {', '.join(sorted(shared))} of its parent" if shared else "is empty"
            raise InvalidRouteRef(f"route ref {self.id!r}: path {self.path!r} {problem}")

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters of the parent, then those of its own path."""
        return (*self.parent.params, *RoutePath.parse(self.path).parameters)


@dataclass(frozen=True, slots=True)
class ExternalRouteRef:
    """A place in another plugin, by a name of one's own; what it leads to is decided by ``app.routes.bindings``.

    ``default_target`` is the id of the route ref that it leads to unless bound otherwise, if that plugin is installed.
    """

    id: str
    params: tuple[str, ...] = ()
    default_target: str | None = None

    def __post_init__(self) -> None:
        _require_id(self.id)
        if self.default_target is not None:
            _require_id(self.default_target)


AnyRouteRef = RouteRef | SubRouteRef | ExternalRouteRef
