"""A cache to look into, whose time and whose outages are the test's."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Self

from portal.services.cache.base import CacheService, PluginCache, Ttl
from portal.testing.clock import FakeClock


class FakeCache(CacheService):
    """Keeps values in this process, apart for each plugin. ``down = True`` makes it answer as a store that is away."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.down = False
        self._stored: dict[str, dict[str, tuple[str, float | None]]] = {}

    def for_plugin(self, plugin_id: str) -> FakePluginCache:
        """Return the plugin's part."""
        return FakePluginCache(self, self._stored.setdefault(plugin_id, {}))

    def problem(self) -> str:
        """Say that the store is away, if the test has it so."""
        return "The fake cache is down." if self.down else ""

    def values(self, plugin_id: str) -> dict[str, Any]:
        """Return what a plugin has cached and hasn't expired, by key."""
        cache = self.for_plugin(plugin_id)
        return {key: cache.get(key) for key in self._stored[plugin_id] if cache.get(key) is not None}


class FakePluginCache(PluginCache):
    """One plugin's part of a ``FakeCache``."""

    def __init__(
        self, service: FakeCache, stored: dict[str, tuple[str, float | None]], default_ttl: Ttl = None
    ) -> None:
        self._service = service
        self._stored = stored
        self._default_ttl = default_ttl

    def get(self, key: str) -> Any:
        """Return the value, or None."""
        text, expires = self._stored.get(key, ("null", None))
        expired = expires is not None and expires <= self._service.clock.monotonic()
        return None if expired or self._service.down else json.loads(text)

    def set(self, key: str, value: Any, *, ttl: Ttl = None) -> None:
        """Keep ``value``."""
        text = json.dumps(value)
        lifetime = self._default_ttl if ttl is None else ttl
        seconds = lifetime.total_seconds() if isinstance(lifetime, timedelta) else lifetime
        if self._service.down:
            return
        if seconds is not None and seconds <= 0:
            self.delete(key)
        else:
            self._stored[key] = text, None if seconds is None else self._service.clock.monotonic() + seconds

    def delete(self, key: str) -> None:
        """Forget the value."""
        if not self._service.down:
            self._stored.pop(key, None)

    def with_options(self, *, default_ttl: Ttl) -> Self:
        """Return the same cache with another default time."""
        return type(self)(self._service, self._stored, default_ttl)
