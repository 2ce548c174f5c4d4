"""What the catalog graph attaches to the extension tree: its page, a card, and an entry in the menu of entities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop

from apps.catalog_graph import routes
from apps.catalog_graph.forms import INFINITE, SMOOTH, STEPS, GraphQuery
from apps.catalog_graph.layout import Direction
from apps.catalog_graph.views import CardGraphView, CatalogGraphView
from portal.entities import EntityRef, parse_ref, ref_of
from portal.extensions import EntityCard, EntityContextMenuItem, Media, Page, PageContext, get_tree
from portal.extensions.base import ConfigSchema
from portal.extensions.icons import kind_icon
from portal.extensions.presentation import title_of
from portal.routes.urls import link_for, url_for

PAGE_ID = "page:catalog-graph"
MEDIA = Media(css=["catalog_graph/graph.css"], js=["catalog_graph/graph.js"])
#: So many relations are listed on the card of an entity while its graph isn't there.
LISTED = 12
#: How high the drawing of an entity on a card is: so much for each entity beside it, and at least, in pixels.
ROW_HEIGHT, LEAST_HEIGHT = 44, 176

_TEXTS = {"type": "array", "items": {"type": "string", "minLength": 1}}
#: What page and card are configured with alike, by Backstage's keys.
_DRAWING: ConfigSchema = {
    "kinds": _TEXTS,
    "relations": _TEXTS,
    "relationPairs": {
        "type": "array",
        "items": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 2, "maxItems": 2},
    },
    "unidirectional": {"type": "boolean", "default": True},
    "mergeRelations": {"type": "boolean", "default": True},
    "direction": {"enum": [direction.value for direction in Direction], "default": Direction.LEFT_RIGHT.value},
    "curve": {"enum": [SMOOTH, STEPS], "default": SMOOTH},
}
_ZOOM = ["enabled", "disabled", "enable-on-click"]


class CatalogGraphPage(Page):
    """How entities hang together, from any of them as far as one likes."""

    path = "/catalog-graph"
    title = gettext_noop("Catalog Graph")
    icon = "waypoints"
    route_ref = routes.catalog_graph
    view = CatalogGraphView
    sub_views = {routes.card.path: CardGraphView}
    media = MEDIA
    config_schema = {
        **_DRAWING,
        "rootEntityRefs": _TEXTS,
        "selectedKinds": _TEXTS,
        "selectedRelations": _TEXTS,
        "maxDepth": {"anyOf": [{"type": "integer", "minimum": 0}, {"const": INFINITE}], "default": 1},
        "showFilters": {"type": "boolean", "default": True},
        "zoom": {"enum": _ZOOM, "default": "enabled"},
    }


class RelationsCard(EntityCard):
    """What is around an entity, as a small graph.

    The page of the entity doesn't wait for it: the card comes with a list of the entity's relations, in whose place the
    graph is put where there are scripts.
    """

    name = "relations"
    title = gettext_noop("Relations")
    template_name = "catalog_graph/card.html"
    media = MEDIA
    config_schema = {
        **_DRAWING,
        "title": {"type": "string", "minLength": 1},
        "maxDepth": {"type": "integer", "minimum": 1, "default": 1},
        "zoom": {"enum": _ZOOM, "default": "enable-on-click"},
        "height": {"type": "integer", "minimum": 120, "default": 400},
    }
    config_attributes = ("title",)

    def suits(self, entity: dict[str, Any]) -> bool:
        """Say whether the entity is related to anything: an empty graph tells nothing."""
        return super().suits(entity) and bool(entity.get("relations"))

    def query_for(self, ref: EntityRef) -> GraphQuery:
        """Return the graph of an entity, as the card is configured."""
        chosen = {"selectedKinds": self.config.get("kinds"), "selectedRelations": self.config.get("relations")}
        return GraphQuery.configured({**self.config, **chosen}).with_roots(str(ref))

    def height_for(self, relations: Sequence[Mapping[str, Any]]) -> int:
        """Return how high the drawing is, in pixels: as configured at most, and less if little is drawn."""
        height: int = self.config["height"]
        if self.config["maxDepth"] > 1:
            return height
        beside = {one["targetRef"] for one in relations}
        return min(height, max(LEAST_HEIGHT, ROW_HEIGHT * (len(beside) + 1)))

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return where the graph is to be had, where it is larger, and what there is to read meanwhile."""
        ref = ref_of(page.entity)
        relations = page.entity.get("relations") or []
        place = {"namespace": ref.namespace, "kind": ref.kind.lower(), "name": ref.name}
        height, drawing_url = self.height_for(relations), url_for(routes.card, **place)
        return {
            "title": gettext(self.title),
            "height": height,
            "drawing_url": drawing_url and f"{drawing_url}?height={height}",
            "graph_url": _graph_url(self.query_for(ref), page.request),
            "relations": [(one["type"], *_link(one["targetRef"])) for one in relations[:LISTED]],
            "left_out": max(0, len(relations) - LISTED),
        }


class ViewGraphMenuItem(EntityContextMenuItem):
    """Leads to the graph of the entity. Backstage has no such entry."""

    name = "view-graph"
    title = gettext_noop("View graph")
    icon = "waypoints"

    def href(self, page: PageContext) -> str | None:
        """Return the address of the graph; None if its page is disabled."""
        return _graph_url(GraphQuery(roots=(str(ref_of(page.entity)),), depth=1), page.request)


def _graph_url(query: GraphQuery, request: HttpRequest) -> str | None:
    """Return the address of a graph on the page, in which the page's defaults needn't be repeated."""
    node, url = get_tree().get(PAGE_ID), link_for(request, routes.catalog_graph)
    if node is None or not url:
        return None
    return f"{url}?{query.encode(GraphQuery.configured(node.config))}"


def _link(target: str) -> tuple[str, str, str]:
    """Return title, icon and address of an entity by its ref."""
    ref = parse_ref(target)
    url = url_for(routes.catalog_entity, namespace=ref.namespace, kind=ref.kind.lower(), name=ref.name) or ""
    return title_of(ref), kind_icon(ref.kind), url
