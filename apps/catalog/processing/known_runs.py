"""Runs that needn't be repeated, since they would only give what they gave before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import orjson

#: More runs than this aren't remembered. One takes some hundred bytes.
MOST = 1_000_000


class KnownRuns:
    """What runs depended on and what they gave, of those that depend on nothing else.

    An orchestrator has its own, so the code, the entity model and the configuration are the same for all of them.
    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def add(self, facts: Iterable[str]) -> None:
        """Remember a run by all that it depended on and that it gave."""
        if len(self._digests) >= MOST:
            self._digests.clear()
        self._digests.add(_digest(facts))

    def __contains__(self, facts: Iterable[str]) -> bool:
        return _digest(facts) in self._digests


def _digest(facts: Iterable[str]) -> bytes:
    return hashlib.blake2b(orjson.dumps(tuple(facts)), digest_size=16).digest()
