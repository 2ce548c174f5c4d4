"""What the command palette finds: pages, things to do, and entities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from portal.clients.catalog import catalog
from portal.credentials import credentials_of
from portal.entities import TITLE_FIELDS
from portal.errors import PortalError
from portal.extensions import Command, Page, PageContext, SubPage, get_tree, guarded, visible_children
from portal.extensions.failures import tell_failure
from portal.extensions.icons import render_icon
from portal.extensions.language import translated
from portal.extensions.presentation import present, title_of
from portal.routes.nav import nav_items
from portal.routes.urls import url_for

PALETTE_ID = "app-root-element:app/command-palette"
#: How many entities are shown, from how many the best are taken, and from how many letters on they are looked for.
ENTITIES = 8
CANDIDATES = 50
LETTERS = 2
LONGEST_QUERY = 200
FIELDS = (*TITLE_FIELDS, "metadata.description", "spec.type")
NAMES = ("metadata.name", "metadata.title", "spec.profile.displayName")

Item = dict[str, Any]


@require_safe
def palette(request: HttpRequest) -> JsonResponse:
    """Answer what ``q`` finds: ``{"groups": [{"title", "items": [{title, note, url, action, icon, keys}]}]}``.

    ``icon`` is an SVG element. Without ``q`` these are the pages and all there is to do.
    """
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    groups = [
        (gettext("Pages"), _narrowed(_pages(request), query)),
        (gettext("Entities"), _entities(request, query)),
        (gettext("Actions"), _narrowed(_commands(request), query)),
    ]
    found = [{"title": title, "items": items} for title, items in groups if items]
    response = JsonResponse({"query": query, "groups": found})
    response["Cache-Control"] = "no-store"
    return response


def _pages(request: HttpRequest) -> Iterator[tuple[Item, str]]:
    """Yield the pages of the navigation, and their tabs."""
    tree = get_tree()
    page = PageContext(request)
    for item in nav_items(request):
        yield _item(item.title, item.icon, url=item.url, keys=item.shortcut), item.title
        node = tree.get(item.id)
        for tab in visible_children(node, "pages", page) if node is not None else ():
            place = tab.extension
            if isinstance(place, SubPage) and isinstance(node and node.extension, Page):
                title = translated(place.title)
                icon = place.icon or item.icon
                yield _item(title, icon, url=place.route_path.build({}), note=item.title), f"{item.title} {title}"


def _commands(request: HttpRequest) -> Iterator[tuple[Item, str]]:
    node = get_tree().get(PALETTE_ID)
    page = PageContext(request)
    for child in visible_children(node, "commands", page) if node is not None else ():
        command = child.extension
        if not isinstance(command, Command):
            continue
        href = guarded(child, page, partial(command.href, page), None)
        if href or command.action:
            title = translated(command.title)
            yield (
                _item(title, command.icon, url=href or "", action=command.action),
                " ".join((title, *command.keywords)),
            )


def _entities(request: HttpRequest, query: str) -> list[Item]:
    """Return the entities whose name or title has the query in it, what is nearest to it first.

    If the catalog can't be asked, there are none.
    """
    if len(query) < LETTERS or url_for("catalog.catalogEntity", kind="k", namespace="n", name="n") is None:
        return []
    client = catalog.acting_for("app", credentials_of(request))
    try:
        found = client.query_entities(full_text=query, full_text_fields=NAMES, fields=FIELDS, limit=CANDIDATES).items
    except PortalError as error:
        tell_failure(request, error, hidden=True)
        return []
    items = []
    for entity in sorted(found, key=lambda entity: _distance(title_of(entity), query))[:ENTITIES]:
        presentation = present(entity)
        ref = presentation.entity_ref
        url = url_for("catalog.catalogEntity", kind=ref.kind.lower(), namespace=ref.namespace.lower(), name=ref.name)
        note = " · ".join(filter(None, (entity.get("kind", ""), (entity.get("spec") or {}).get("type", ""))))
        items.append(_item(presentation.primary_title, presentation.icon, url=url or "", note=note))
    return items


def _distance(title: str, query: str) -> tuple[bool, int, str]:
    """Return what entities are ordered by: first those that begin with the query, then the shortest."""
    return not title.lower().startswith(query.lower()), len(title), title


def _narrowed(found: Iterable[tuple[Item, str]], query: str) -> list[Item]:
    """Return those of the items whose words have every word of the query in them."""
    words = query.lower().split()
    return [item for item, text in found if all(word in text.lower() for word in words)]


def _item(title: str, icon: str, *, url: str = "", note: str = "", action: str = "", keys: str = "") -> Item:
    drawn = render_icon(icon, size=18) if icon else ""
    return {"title": title, "note": note, "url": url, "action": action, "icon": drawn, "keys": keys}
