"""What an entity is made of: plain JSON, so that it passes between files, database and wire as it is."""

from __future__ import annotations

from typing import Any, TypeAlias

#: A JSON object with ``apiVersion``, ``kind``, ``metadata`` and, mostly, ``spec``.
Entity: TypeAlias = dict[str, Any]

#: A JSON value that holds no other.
Scalar: TypeAlias = bool | int | float | str | None

DEFAULT_NAMESPACE = "default"
