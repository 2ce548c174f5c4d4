"""Values as JavaScript writes them out: index values, object keys and comparisons have to agree with Backstage's."""

from __future__ import annotations

import math
from decimal import Decimal

from portal.entities.entity import Scalar

#: From this magnitude on, and below the smaller one, JavaScript writes numbers with an exponent.
_LARGEST_PLAIN = 1e21
_SMALLEST_PLAIN = 1e-6


def js_text(value: Scalar) -> str:
    """Return what ``String(value)`` gives in JavaScript: ``true``, ``null``, ``1000`` for ``1e3``, ``1e+21``."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return _float_text(value)


def _float_text(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    if _SMALLEST_PLAIN <= abs(number) < _LARGEST_PLAIN:
        plain = format(Decimal(repr(number)), "f")
        return plain.removesuffix(".0")
    mantissa, exponent = repr(number).split("e")
    return f"{mantissa}e{int(exponent):+d}"
