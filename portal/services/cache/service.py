"""The cache service over the store that ``backend.cache`` or ``CACHE_URL`` names."""

from __future__ import annotations

import math
import os
import time
from datetime import timedelta
from functools import cached_property
from typing import Any, Self

import orjson
from django.core.cache.backends.base import BaseCache
from django.core.checks import CheckMessage, Error

from portal.config import current
from portal.config.sections import CacheConf
from portal.errors import ConfigError
from portal.services import logger
from portal.services.cache.base import CacheService, PluginCache, Ttl
from portal.services.cache.configured import definition_from
from portal.services.cache.definition import CacheDefinition
from portal.services.cache.degrading import Degrading
from portal.services.cache.keys import normalise_key

#: orjson would write these as strings, and they would come back as strings.
STRICT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


class ConfiguredCache(CacheService):
    """One backend for the process, whose keys and values are stored as Backstage's cache would store them."""

    @cached_property
    def definition(self) -> CacheDefinition:
        """What is configured. Raise ``ConfigError`` if that makes no sense."""
        return definition_from(current(), os.environ)

    @cached_property
    def backend(self) -> BaseCache:
        """The store."""
        return self.definition.plugin_backend()

    def for_plugin(self, plugin_id: str) -> BackendPluginCache:
        """Return the plugin's part, with the default time of ``backend.cache.defaultTtl``."""
        # 0 means "no limit" in Backstage.
        default_ttl = CacheConf().default_ttl or None
        return BackendPluginCache(self.backend, f"{self.definition.prefix}{plugin_id}:", default_ttl)

    def problem(self) -> str:
        """Ask the store, and say why it can't be used at the moment; empty if it can."""
        return self.backend.problem() if isinstance(self.backend, Degrading) else ""

    def check(self) -> list[CheckMessage]:
        """Find a store that doesn't exist, a connection that makes no sense, a client that isn't installed."""
        try:
            definition_from(current(), os.environ)
            _ = CacheConf().default_ttl
        except ConfigError as error:
            return [Error(str(error), id="portal.E311")]
        return []


class BackendPluginCache(PluginCache):
    """A plugin's keys in a Django cache backend that stores bytes as they are.

    A value is stored as ``{"value": …, "expires": …}``, the time in milliseconds since 1970: stores that count in
    whole seconds may keep it longer than it is good for.
    """

    def __init__(self, backend: BaseCache, prefix: str, default_ttl: Ttl) -> None:
        self._backend = backend
        self._prefix = prefix
        self._default_ttl = default_ttl

    def get(self, key: str) -> Any:
        """Return the value, or None."""
        stored = self._backend.get(self._key(key))
        if stored is None:
            return None
        try:
            entry = orjson.loads(stored)
            value, expires = entry["value"], entry.get("expires")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            logger.for_plugin("app").warning(
                "A cached value can't be read and counts as missing", key=key, prefix=self._prefix, error=repr(error)
            )
            self.delete(key)
            return None
        return None if expires is not None and expires <= time.time() * 1000 else value

    def set(self, key: str, value: Any, *, ttl: Ttl = None) -> None:
        """Keep ``value``."""
        seconds = _seconds(self._default_ttl if ttl is None else ttl)
        if seconds is not None and seconds <= 0:
            self.delete(key)
            return
        entry = {"value": value}
        if seconds is not None:
            entry["expires"] = int((time.time() + seconds) * 1000)
        try:
            stored = orjson.dumps(entry, option=STRICT)
        except TypeError as error:
            raise TypeError(f"The value for the key '{key}' in {self._prefix} can't be cached: {error}.") from error
        self._backend.set(self._key(key), stored, None if seconds is None else math.ceil(seconds))

    def delete(self, key: str) -> None:
        """Forget the value."""
        self._backend.delete(self._key(key))

    def with_options(self, *, default_ttl: Ttl) -> Self:
        """Return the same cache with another default time."""
        return type(self)(self._backend, self._prefix, default_ttl)

    def _key(self, key: str) -> str:
        return f"{self._prefix}{normalise_key(key)}"


def _seconds(ttl: Ttl) -> float | None:
    return ttl.total_seconds() if isinstance(ttl, timedelta) else ttl
