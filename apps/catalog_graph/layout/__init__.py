"""Layered drawings of graphs, after Sugiyama, Tagawa and Toda (1981). Plain Python: it knows nothing of entities.

In five steps, each a module: edges that close cycles are turned round (``cycles``), nodes get layers (``layers``),
layers get an order with few crossings (``ordering``), everything gets a place (``coordinates``), edges get their way
(``routing``). The same input gives the same drawing.
"""

from apps.catalog_graph.layout.drawing import arrange
from apps.catalog_graph.layout.geometry import Box, Direction, Drawing, Line, Place, Point, Route

__all__ = ["Box", "Direction", "Drawing", "Line", "Place", "Point", "Route", "arrange"]
