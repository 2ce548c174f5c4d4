"""Refresh keys as they are stored: short enough for an index, and still of one text only."""

from __future__ import annotations

import hashlib

MAX_LENGTH = 255
#: What stays readable of a longer key.
KEPT = 180


def stored_key(key: str) -> str:
    """Return a refresh key as it is stored: itself, or its beginning and its hash if it is long; as in Backstage."""
    if len(key) <= MAX_LENGTH:
        return key
    return f"{key[:KEPT]}#sha256:{hashlib.sha256(key.encode()).hexdigest()}"
