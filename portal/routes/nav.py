"""The navigation: an item for each page that has a title, an icon, and a route without parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from django.http import HttpRequest

from portal.extensions.blueprints import Page, SubPage
from portal.extensions.conditions import is_enabled
from portal.extensions.language import translated
from portal.extensions.page import PageContext
from portal.extensions.registry import get_tree
from portal.extensions.rendering import guarded, visible_children
from portal.extensions.tree import ROUTES_ID, Node, Tree
from portal.routes.mounting import get_routes


@dataclass(frozen=True, slots=True)
class TabItem:
    """A tab of a page that consists of sub-pages."""

    id: str
    title: str
    url: str
    icon: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class NavItem:
    """An item of the navigation; ``id`` is the page's, ``is_current`` says that the person is on it or below it."""

    id: str
    title: str
    url: str
    icon: str
    is_current: bool = False
    #: The keys that lead there, one after the other: ``g c``. Empty if all letters are taken.
    shortcut: str = ""

    @property
    def keys(self) -> list[str]:
        """The keys of the shortcut, one by one."""
        return self.shortcut.split()


class NavItems:
    """The items, to be placed: ``take`` some, then the ``rest``. Iterating gives all that aren't taken yet."""

    def __init__(self, items: Iterable[NavItem]) -> None:
        self._items = {item.id: item for item in items}

    def take(self, page_id: str) -> NavItem | None:
        """Return the item of a page and remove it from the rest, or None if there is none."""
        return self._items.pop(page_id, None)

    def rest(self, sort_by: Callable[[NavItem], str] | None = None) -> list[NavItem]:
        """Return the items that aren't taken, in order of registration or by a key such as their title."""
        items = list(self._items.values())
        return sorted(items, key=sort_by) if sort_by else items

    def __iter__(self) -> Iterator[NavItem]:
        return iter(self.rest())

    def __len__(self) -> int:
        return len(self._items)


def nav_items(request: HttpRequest) -> NavItems:
    """Return the items that are there for the person who asks, in the order of the pages."""
    found = list(_items(get_tree(), request))
    below = [item for item in found if request.path == item.url or request.path.startswith(f"{item.url.rstrip('/')}/")]
    current = max(below, key=lambda item: len(item.url), default=None)
    keys = _shortcuts(found)
    return NavItems(replace(item, is_current=item is current, shortcut=keys.get(item.id, "")) for item in found)


def _shortcuts(items: Sequence[NavItem]) -> dict[str, str]:
    """Return the keys of pages: what they state, else ``g`` and the first letter of the title that is free."""
    keys: dict[str, str] = {}
    for item in items:
        if item.shortcut and item.shortcut not in keys.values():
            keys[item.id] = item.shortcut
    for item in items:
        letters = (f"g {letter}" for letter in item.title.lower() if letter.isascii() and letter.isalpha())
        free = next((candidate for candidate in letters if candidate not in keys.values()), None)
        if free:
            keys.setdefault(item.id, free)
    return keys


def _items(tree: Tree, request: HttpRequest) -> Iterator[NavItem]:
    page = PageContext(request)
    for node in tree.children(ROUTES_ID, "routes"):
        item = guarded(node, page, partial(_item_of, node, request), None)
        if item is not None:
            yield item


def _item_of(node: Node, request: HttpRequest) -> NavItem | None:
    page = node.extension
    if not isinstance(page, Page) or page.route_ref is None or page.route_ref.params:
        return None
    url = get_routes().url(page.route_ref)
    if not url or not page.nav_icon or not is_enabled(node, request):
        return None
    return NavItem(node.id, translated(page.nav_title), url, page.nav_icon, shortcut=page.shortcut)


def tabs_of(page: PageContext) -> list[TabItem]:
    """Return the tabs of the page that is shown, or of the page whose tab is; empty if it has none.

    The parameters of the page's path are those of the request.
    """
    node = page.node
    parent = node.parent if node is not None and isinstance(node.extension, SubPage) else node
    if parent is None or not isinstance(parent.extension, Page):
        return []
    match = page.request.resolver_match
    parameters = match.kwargs if match is not None else {}
    return [
        TabItem(tab.id, translated(place.title), place.route_path.build(parameters), place.icon, is_current=tab is node)
        for tab in visible_children(parent, "pages", page)
        if isinstance(place := tab.extension, SubPage)
    ]
