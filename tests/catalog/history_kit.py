"""What the tests of the history share."""

from __future__ import annotations

from typing import Any

import orjson


def stored(**fields: Any) -> str:
    """Return an entity as it is stored."""
    return orjson.dumps({"kind": "Component", "metadata": {"name": "web", "uid": "u", "etag": "e"}, **fields}).decode()
