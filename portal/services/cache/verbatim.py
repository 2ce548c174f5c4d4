"""Storing bytes as they are.

The cache service writes JSON and reads JSON; nothing that it reads from a server is ever unpickled.
"""

from __future__ import annotations

from typing import Any


class Verbatim:
    """A serialiser that changes nothing, in the shapes that django-redis, pymemcache and our own backends call."""

    def __init__(self, options: object = None) -> None:
        """Take django-redis's options, and ignore them."""

    def dumps(self, value: bytes) -> bytes:
        """Return what is stored for ``value``."""
        return value

    def loads(self, value: bytes) -> bytes:
        """Return the value that is stored as ``value``."""
        return value

    def serialize(self, key: object, value: bytes) -> tuple[bytes, int]:
        """Return what is stored for ``value``, and flags that say nothing."""
        return value, 0

    def deserialize(self, key: object, value: bytes, flags: int) -> Any:
        """Return the value, whatever the flags say about it."""
        return value
