"""Runs that needn't be repeated, since they would only give what they gave before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import orjson

from apps.catalog.processing.results import Source

#: More runs than this aren't remembered. One takes some hundred bytes.
MOST = 1_000_000


class KnownRuns:
    """What runs depended on and what they gave, of those that depend on nothing else.

    An orchestrator has its own, so the code, the entity model and the configuration are the same for all of them.
    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._sources: dict[bytes, tuple[Source, ...]] = {}

    def add(self, facts: Iterable[str], sources: Iterable[Source]) -> None:
        """Remember a run by the facts that it depended on and that it gave, and what was read for it."""
        if len(self._sources) >= MOST:
            self._sources.clear()
        self._sources[_digest(facts)] = tuple(sources)

    def sources_of(self, facts: Iterable[str]) -> tuple[Source, ...] | None:
        """Return what has to be unchanged for a run to give what it gave; None if there was no such run."""
        return self._sources.get(_digest(facts))


def _digest(facts: Iterable[str]) -> bytes:
    return hashlib.blake2b(orjson.dumps(tuple(facts)), digest_size=16).digest()
