"""How large a question may be: beyond this, databases give up, and so do encoders of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.errors import InputError

MAX_DEPTH = 50
#: SQLite nests expressions a thousand deep, and each condition of a chain is a level.
MAX_CONDITIONS = 800
#: Values in lists. SQLite takes 32,766 parameters in a statement.
MAX_VALUES = 10_000
#: The largest number of rows that every database can count.
MAX_ROWS = 2**31 - 1


def require_bounded(predicate: Any) -> None:
    """Raise ``InputError`` if a predicate, which need not be sound otherwise, is nested too deeply or too long."""
    conditions, values, level = 0, 0, [predicate]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for part in level:
            if isinstance(part, Mapping):
                conditions += len(part)
                below += part.values()
            elif isinstance(part, list):
                values += len(part)
                below += part
        if conditions > MAX_CONDITIONS or values > MAX_VALUES:
            raise InputError(
                f"Invalid query: it has more than {MAX_CONDITIONS} conditions or {MAX_VALUES:,} values; ask in parts."
            )
        if not below:
            return
        level = below
    raise InputError(f"Invalid query: it is nested more than {MAX_DEPTH} levels deep; simplify it.")
