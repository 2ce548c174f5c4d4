"""Fingerprints of JSON values: the catalog compares them to find out whether anything has changed."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from portal.errors import InputError


def stable_hash(value: Any) -> str:
    """Return the SHA-1, in hex, of a JSON value's canonical text: no spaces, the members of objects sorted by name.

    Raise ``InputError`` if ``value`` can't be stored as JSON: an object with a key that isn't a text, an integer of
    more than 64 bits, or nesting of more than about 250 levels.
    """
    try:
        canonical = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise InputError(f"This can't be stored as JSON: {error}.", cause=error) from error
    return hashlib.sha1(canonical, usedforsecurity=False).hexdigest()
