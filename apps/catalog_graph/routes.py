"""Where the graph is, by Backstage's names, and where its links to entities lead by default."""

from __future__ import annotations

from portal.routes import ExternalRouteRef, RouteRef, SubRouteRef

catalog_graph = RouteRef("catalog-graph.catalogGraph")
#: The graph on an entity's card, which is drawn after the page is there. Backstage has no such address.
card = SubRouteRef("catalog-graph.card", parent=catalog_graph, path="/-/card/:namespace/:kind/:name")

catalog_entity = ExternalRouteRef(
    "catalog-graph.catalogEntity", params=("namespace", "kind", "name"), default_target="catalog.catalogEntity"
)
