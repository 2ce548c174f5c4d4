"""Where the running portal's pages are, and what their names lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from django.core.checks import CheckMessage, Error
from django.http import HttpRequest

from portal.extensions.blueprints import Page, SubPage
from portal.extensions.conditions import is_enabled
from portal.extensions.conf import stated
from portal.extensions.discovery import sound_room
from portal.extensions.entity import EntityContent
from portal.extensions.registry import get_tree
from portal.extensions.tree import ROUTES_ID, Node, Tree
from portal.plugins import CORE_PLUGIN_ID, installed_modules, installed_plugins
from portal.routes.paths import RoutePath
from portal.routes.redirects import Redirect, read_redirects
from portal.routes.refs import AnyRouteRef, ExternalRouteRef, RouteRef, SubRouteRef
from portal.routes.table import RouteTable

if TYPE_CHECKING:
    from django.views.generic import View

CORE_ROOM = "shell.routes"


@dataclass(frozen=True, slots=True)
class Mount:
    """A view at a path, for the page or sub-page that brings it. No view: the path leads to the page's first tab."""

    path: RoutePath
    node: Node
    view: type[View] | None


def mounts_of(tree: Tree) -> tuple[list[Mount], list[CheckMessage]]:
    """Return where everything is mounted, the more specific paths first, and what is wrong.

    Of two mounts that answer for the same paths, the first counts.
    """
    found: dict[str, Mount] = {}
    problems: list[CheckMessage] = []
    for mount in _all_mounts(tree):
        shape = re.sub(r":\w+", ":", str(mount.path))
        sitting = found.setdefault(shape, mount)
        if sitting is not mount:
            problems.append(
                Error(
                    f"'{sitting.node.id}' and '{mount.node.id}' are both mounted at {mount.path}; the former is shown.",
                    hint=f"Give one another path, in app.extensions:  - {mount.node.id}: {{config: {{path: …}}}}",
                    obj=mount.node.id,
                    id="portal.E220",
                )
            )
    return sorted(found.values(), key=lambda mount: mount.path.sort_key), problems


def redirects_of(tree: Tree) -> tuple[list[Redirect], list[CheckMessage]]:
    """Return the redirects that ``app/routes`` is configured with, and what is wrong with others."""
    routes = tree.get(ROUTES_ID)
    entries = routes.config.get("redirects", ()) if routes is not None else ()
    return read_redirects(entries, [mount.path for mount in mounts_of(tree)[0]])


def get_routes() -> RouteTable:
    """Return the route table of the running portal."""
    tree = get_tree()
    table = _tables.get(tree)
    if table is None:
        table = _tables[tree] = _table_of(tree)
    return table


def url_for(ref: AnyRouteRef | str, **parameters: object) -> str | None:
    """Return the URL path of a route ref, or None if its target isn't installed, bound or mounted.

    Raises ``MissingRouteParameters`` if the route has a parameter that isn't given.
    """
    return get_routes().url(ref, parameters)


def link_for(request: HttpRequest, ref: AnyRouteRef | str, **parameters: object) -> str | None:
    """Return what ``url_for`` does, and None as well if the page isn't there for the person who asks."""
    node = get_routes().node_of(ref)
    return url_for(ref, **parameters) if node is None or is_enabled(node, request) else None


# Two threads may both make one: they are the same.
_tables: WeakKeyDictionary[Tree, RouteTable] = WeakKeyDictionary()


def _table_of(tree: Tree) -> RouteTable:
    named: dict[str, tuple[Node, RouteRef, RoutePath]] = {}
    clashes: list[CheckMessage] = []
    for node in tree.active():
        place = node.extension
        if not isinstance(place, Page | SubPage | EntityContent) or place.route_ref is None:
            continue
        if place.route_ref.id in named:
            first = named[place.route_ref.id][0].id
            clashes.append(
                Error(
                    f"'{first}' and '{node.id}' have one route ref, '{place.route_ref.id}'; links lead to the former.",
                    hint="Give one of them a route ref of its own.",
                    obj=node.id,
                    id="portal.E221",
                )
            )
        else:
            named[place.route_ref.id] = (node, place.route_ref, place.route_path)
    table = RouteTable(
        mounts={ref_id: path for ref_id, (_, _, path) in named.items()},
        nodes={ref_id: node for ref_id, (node, _, _) in named.items()},
        refs=[*(ref for _, ref, _ in named.values()), *_defined_refs()],
        bindings=stated("bindings"),
    )
    table.problems = [*mounts_of(tree)[1], *redirects_of(tree)[1], *clashes, *table.problems]
    return table


def _defined_refs() -> Iterator[AnyRouteRef]:
    """Yield the refs in the rooms ``routes`` of plugins and modules."""
    core_rooms = {CORE_PLUGIN_ID: CORE_ROOM}
    rooms = [sound_room(plugin, core_rooms.get(plugin.plugin_id, "routes")) for plugin in installed_plugins()]
    rooms += [sound_room(module, "routes") for module in installed_modules()]
    for module in filter(None, rooms):
        for value in vars(module).values():
            if isinstance(value, RouteRef | SubRouteRef | ExternalRouteRef):
                yield value


def _all_mounts(tree: Tree) -> Iterator[Mount]:
    for node in tree.children(ROUTES_ID, "routes"):
        yield from _mounts_of_node(node)
        for tab in node.children("pages"):
            yield from _mounts_of_node(tab)


def _mounts_of_node(node: Node) -> Iterator[Mount]:
    place = node.extension
    if isinstance(place, Page | SubPage):
        yield Mount(place.route_path, node, place.view)
        for sub_path, view in place.sub_views.items():
            yield Mount(place.route_path / RoutePath.parse(sub_path), node, view)
