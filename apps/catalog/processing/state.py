"""What processors remember between runs: one JSON object for each entity, shared out by processor and by target.

The form is ``{"cache": {processor: {"own": {key: value}, "targets": {target: {key: value}}}}, "ttl": n}``. A run that
fails keeps the memory of the last good one, ``FAILED_RUNS`` times; then it is wiped, in case that is what is wrong.
"""

from __future__ import annotations

from typing import Any

from apps.catalog.extension_points import JSON, ProcessorCache

State = dict[str, Any]

FAILED_RUNS = 5


class _Cache(ProcessorCache):
    """Reads what was stored; writes aside, so that a failed run leaves no trace."""

    def __init__(self, stored: State) -> None:
        self._stored = stored
        self._written: State = {}

    def get(self, key: str) -> JSON:
        return self._stored.get(key)

    def set(self, key: str, value: JSON) -> None:
        self._written[key] = value

    def collected(self) -> State:
        """Return what the next run finds: what was written, or else what was there."""
        return self._written or self._stored


class CacheOfEntity:
    """The caches of one run, handed out by processor and, for reading locations, by target."""

    def __init__(self, state: State) -> None:
        self._stored = _object(state, "cache")
        self._own: dict[str, _Cache] = {}
        self._targets: dict[str, dict[str, _Cache]] = {}

    def for_processor(self, name: str) -> ProcessorCache:
        """Return a processor's cache for the entity itself."""
        if name not in self._own:
            self._own[name] = _Cache(_object(_object(self._stored, name), "own"))
        return self._own[name]

    def for_target(self, name: str, target: str) -> ProcessorCache:
        """Return a processor's cache for one target of a Location entity."""
        targets = self._targets.setdefault(name, {})
        if target not in targets:
            targets[target] = _Cache(_object(_object(_object(self._stored, name), "targets"), target))
        return targets[target]

    def collected(self) -> State:
        """Return the JSON to store. Targets that this run had nothing to do with are forgotten."""
        cache: State = {}
        for name in sorted(self._own.keys() | self._targets.keys()):
            own = self._own[name].collected() if name in self._own else _object(_object(self._stored, name), "own")
            targets = {target: kept for target, one in self._targets.get(name, {}).items() if (kept := one.collected())}
            shares = {key: share for key, share in (("own", own), ("targets", targets)) if share}
            if shares:
                cache[name] = shares
        return cache


def state_after_success(cache: CacheOfEntity) -> State:
    """Return the state to store after a run that went well; empty if nobody remembers anything."""
    collected = cache.collected()
    return {"cache": collected, "ttl": FAILED_RUNS} if collected else {}


def state_after_failure(state: State) -> State:
    """Return the state to store after a run that failed."""
    ttl = state.get("ttl")
    return {**state, "ttl": ttl - 1} if isinstance(ttl, int) and ttl > 0 else {}


def _object(parent: State, key: str) -> State:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}
