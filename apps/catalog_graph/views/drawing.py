"""From a question to its picture: what page and card have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.catalog_graph.forms import GraphQuery
from apps.catalog_graph.queries import RELATION_PAIRS, Limits, Scope, explore, graph_of
from apps.catalog_graph.queries.graph import Graph
from apps.catalog_graph.views.picture import LinkOf, Picture, picture_of
from portal.clients import CatalogClient, catalog
from portal.credentials import Credentials

PLUGIN_ID = "catalog-graph"


def client_for(credentials: Credentials) -> CatalogClient:
    """Return a client that sees of the catalog what these credentials may."""
    return catalog.acting_for(PLUGIN_ID, credentials)


def graph_for(query: GraphQuery, client: CatalogClient, config: Mapping[str, Any], limits: Limits) -> Graph:
    """Return the graph that a query asks for; ``config`` may have ``relationPairs``."""
    scope = Scope(query.roots, query.depth, frozenset(query.kinds), frozenset(query.relations))
    return graph_of(
        explore(client, scope, limits),
        scope,
        pairs=pairs_in(config),
        unidirectional=query.unidirectional,
        merge_relations=query.merge_relations,
    )


def drawn(graph: Graph, query: GraphQuery, *, graph_url: LinkOf | None = None) -> Picture:
    """Draw a graph as a query says."""
    return picture_of(graph, direction=query.direction, curve=query.curve, graph_url=graph_url)


def pairs_in(config: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Return the relations that are one edge when they are merged."""
    given = config.get("relationPairs")
    return [(first, second) for first, second in given] if given else RELATION_PAIRS
