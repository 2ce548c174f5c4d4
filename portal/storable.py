"""What databases can't keep of JSON: the NUL character."""

from __future__ import annotations

import re

_ESCAPE = b"\\u0000"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def holds_nul(encoded: bytes) -> bool:
    """Say whether a text in JSON has a NUL character. One that only tells of the escape, as patterns do, hasn't."""
    return _ESCAPE in encoded and _NUL.search(encoded) is not None
