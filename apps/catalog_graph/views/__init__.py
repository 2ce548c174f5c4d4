"""The page of the graph, and the drawing on an entity's card."""

from apps.catalog_graph.views.card import CardGraphView
from apps.catalog_graph.views.page import CatalogGraphView

__all__ = ["CardGraphView", "CatalogGraphView"]
