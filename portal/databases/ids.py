"""Keys that lie in the order in which rows were made."""

from __future__ import annotations

import secrets
import time
import uuid


def time_ordered_uuid() -> uuid.UUID:
    """Return a random UUID that starts with the time: version 7 of RFC 9562, to the millisecond.

    Indexes grow at their end by it, and what was made together lies together on the disk.
    """
    milliseconds = time.time_ns() // 1_000_000
    bits = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=bits)
