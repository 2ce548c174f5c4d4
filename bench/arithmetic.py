"""The few figures that are made of others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that ``percent`` of them don't exceed. Raises ``ValueError`` if there are none."""
    if not values:
        raise ValueError("There are no values to take a percentile of.")
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def ratio(value: float | None, other: float | None) -> float | None:
    """Return how many times ``other`` a value is; None if one isn't known or the other is nothing."""
    return value / other if value is not None and other else None


def difference(after: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """Return by how much counts have grown, of those that have."""
    return {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
