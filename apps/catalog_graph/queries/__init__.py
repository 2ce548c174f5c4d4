"""What is related to what: read from the catalog over the wire, level by level, and made into a graph."""

from apps.catalog_graph.queries.graph import RELATION_PAIRS, Edge, Graph, Node, NodeState, graph_of
from apps.catalog_graph.queries.neighbourhood import Limits, Neighbourhood, Scope, explore
from apps.catalog_graph.queries.starting_points import StartingPoint, kinds_in_use, starting_points

__all__ = [
    "RELATION_PAIRS",
    "Edge",
    "Graph",
    "Limits",
    "Neighbourhood",
    "Node",
    "NodeState",
    "Scope",
    "StartingPoint",
    "explore",
    "graph_of",
    "kinds_in_use",
    "starting_points",
]
