"""What goes into a drawing and what comes out, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

#: From one end of an edge to the other, as positions in the list of nodes.
Link = tuple[int, int]


class Direction(StrEnum):
    """Where edges point to: the layers follow each other from top to bottom, from left to right…"""

    TOP_BOTTOM = "TB"
    BOTTOM_TOP = "BT"
    LEFT_RIGHT = "LR"
    RIGHT_LEFT = "RL"

    @property
    def is_horizontal(self) -> bool:
        """Whether the layers stand side by side."""
        return self in {Direction.LEFT_RIGHT, Direction.RIGHT_LEFT}


class Point(NamedTuple):
    """A point; ``x`` grows to the right, ``y`` downwards."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A node to place, with its size. ``id`` is unique."""

    id: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """An edge to draw, by the ids of its nodes, with the size of its label."""

    source: str
    target: str
    width: float = 0
    height: float = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node is: its centre, and its layer, counted in the direction of the drawing."""

    id: str
    x: float
    y: float
    width: float
    height: float
    layer: int


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an edge, from the border of its source to that of its target.

    ``points`` come in pairs: from the first of a pair to its second the way is straight, from there to the next pair it
    bends. ``label`` is the centre of the label. ``is_turned`` says that the edge points against the layers, because it
    closes a cycle.
    """

    source: str
    target: str
    points: Sequence[Point]
    label: Point
    is_turned: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph with a place for everything, within ``width`` and ``height``; routes are in the order of the lines."""

    width: float
    height: float
    places: Sequence[Place]
    routes: Sequence[Route]
