"""Fingerprints of JSON values: the catalog compares them to find out whether anything has changed."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson


def stable_hash(value: Any) -> str:
    """Return the SHA-1, in hex, of a JSON value's canonical text: no spaces, the members of objects sorted by name.

    Raise ``TypeError`` if ``value`` isn't JSON, such as an object with a key that isn't a text.
    """
    return hashlib.sha1(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), usedforsecurity=False).hexdigest()
