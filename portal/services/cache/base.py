"""Contract of the cache service (Backstage's ``core.cache``).

Whoever uses a cache can do without it: a store that is down, full or slow answers like an empty one. So nothing here
raises because of the store, and a value may be gone, or older than the last ``set``, at any time. Whatever must not
be lost or stale belongs in the plugin's database.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import timedelta
from typing import Any, Self

from portal.services.base import Service

#: How long a value lives: seconds, a timedelta, or None for ever.
Ttl = float | timedelta | None


class PluginCache:
    """One plugin's part of the cache: its keys never meet those of another plugin.

    Keys are any text. Values are JSON: what comes back is what ``json`` would give, lists for tuples for example.
    """

    @abstractmethod
    def get(self, key: str) -> Any:
        """Return the value, or None if there is none, it has expired, or the store can't be reached."""

    @abstractmethod
    def set(self, key: str, value: Any, *, ttl: Ttl = None) -> None:
        """Keep ``value`` for ``ttl``; without one, for the default time.

        A ``ttl`` of zero or less removes the key. Raise ``TypeError`` for a value that isn't JSON.
        """

    @abstractmethod
    def delete(self, key: str) -> None:
        """Forget the value, if there is one."""

    @abstractmethod
    def with_options(self, *, default_ttl: Ttl) -> Self:
        """Return the same cache with another default time; None keeps values until they are pushed out."""


class CacheService(Service):
    """Gives each plugin its part of the cache."""

    service_name = "cache"

    @abstractmethod
    def for_plugin(self, plugin_id: str) -> PluginCache:
        """Return the plugin's part."""

    @abstractmethod
    def problem(self) -> str:
        """Ask the store, and say why it can't be used at the moment; empty if it can. For people, not for code."""
