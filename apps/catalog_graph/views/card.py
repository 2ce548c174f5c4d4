"""The graph on an entity's card, drawn when the page is there already."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from django.http import Http404

from apps.catalog_graph.forms import GraphQuery
from apps.catalog_graph.queries import Limits
from apps.catalog_graph.views.drawing import client_for, drawn, graph_for
from portal.entities import EntityRef
from portal.extensions import get_tree
from portal.extensions.conditions import is_enabled
from portal.http.pages import PageView
from portal.http.query import whole_number

CARD_ID = "entity-card:catalog-graph/relations"
#: A card is small: what doesn't fit is counted.
LIMITS = Limits(entities=60, levels=4, by_relation=8)
#: Up to this width a drawing isn't enlarged.
LEAST_WIDTH = 640.0


@runtime_checkable
class DrawsGraph(Protocol):
    """What the card says of its graph."""

    def query_for(self, ref: EntityRef) -> GraphQuery:
        """Return the graph of an entity."""


class CardGraphView(PageView):
    """``/catalog-graph/-/card/:namespace/:kind/:name``: a fragment, as the card is configured."""

    template_name = "catalog_graph/_card_graph.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the picture. Raises ``Http404`` if the card isn't there for the one who asks."""
        node = get_tree().get(CARD_ID)
        if node is None or not isinstance(node.extension, DrawsGraph) or not is_enabled(node, self.request):
            raise Http404("The card with relations is disabled.")
        query = node.extension.query_for(EntityRef(parameters["kind"], parameters["namespace"], parameters["name"]))
        graph = graph_for(query, client_for(self.credentials), node.config, LIMITS)
        picture, height = drawn(graph, query), self._height(node.config["height"])
        return {
            "query": query,
            "picture": picture,
            "view_box": picture.view_box(LEAST_WIDTH, height),
            "height": height,
            "is_cut": graph.is_cut,
            "zoom": node.config["zoom"],
        }

    def _height(self, most: int) -> int:
        """Return how high the place is that the card has kept for the drawing, in pixels."""
        return min(whole_number(self.request.GET.get("height"), default=most), most)
