"""What a plugin's key is called in a store.

The rules are Backstage's, so that both can tell whose a key is: ``<prefix><plugin id>:<normalised key>``, for example
``acme:catalog:bG9jYXRpb25z``.
"""

from __future__ import annotations

import base64
import hashlib

#: memcached takes 250 bytes, and prefix and plugin id need room as well.
MAX_LENGTH = 200


def normalise_key(key: str) -> str:
    """Return ``key`` in base64, or the base64 of its SHA-256 where that gets too long."""
    encoded = key.encode("utf-8", "surrogatepass")
    readable = base64.b64encode(encoded).decode("ascii")
    if len(readable) < MAX_LENGTH:
        return readable
    return base64.b64encode(hashlib.sha256(encoded).digest()).decode("ascii")
