"""From ``backend.cache`` and ``CACHE_URL`` to a store, for the service and for Django's ``CACHES``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from portal.config import Config
from portal.config.sections import CacheConf
from portal.errors import ConfigError
from portal.services.cache.definition import CacheDefinition, Complain
from portal.services.cache.infinispan_config import infinispan
from portal.services.cache.memcache_config import memcache
from portal.services.cache.redis_config import redis, valkey

#: The memory store is bounded: when it is full, a third of it goes, the least recently used first.
MEMORY_ENTRIES = 10_000


def memory(config: Config, connection: object, complain: Complain) -> CacheDefinition:
    """Define the store of one process, which needs no configuration."""
    return CacheDefinition(
        "memory",
        "django.core.cache.backends.locmem.LocMemCache",
        "django",
        options={"MAX_ENTRIES": MEMORY_ENTRIES},
    )


STORES: dict[str, Callable[[Config, Any, Complain], CacheDefinition]] = {
    "memory": memory,
    "memcache": memcache,
    "redis": redis,
    "valkey": valkey,
    "infinispan": infinispan,
}
#: What ``CACHE_URL`` may begin with.
URL_STORES: dict[str, str] = {
    **dict.fromkeys(("memory", "locmem", "locmemcache"), "memory"),
    **dict.fromkeys(("memcache", "memcached", "pymemcache"), "memcache"),
    **dict.fromkeys(("redis", "rediss", "unix"), "redis"),
    **dict.fromkeys(("valkey", "valkeys"), "valkey"),
    **dict.fromkeys(("infinispan", "infinispans"), "infinispan"),
}


def definition_from(config: Config, environ: Mapping[str, str]) -> CacheDefinition:
    """Read which store to use. ``CACHE_URL`` beats ``backend.cache.store`` and ``connection``.

    Raise ``ConfigError``, without quoting the connection, for a store that doesn't exist, a connection that makes no
    sense, and a client that isn't installed.
    """
    if url := environ.get("CACHE_URL", ""):
        scheme = url.partition(":")[0].lower()
        if scheme not in URL_STORES:
            raise ConfigError(f"CACHE_URL must begin with one of {', '.join(f'{known}://' for known in URL_STORES)}.")
        return STORES[URL_STORES[scheme]](config, url, lambda rule: ConfigError(f"CACHE_URL {rule}"))
    conf = CacheConf(config)
    store, connection = conf.store, conf.connection

    def complain(rule: str) -> ConfigError:
        if connection is None:
            return config.error("backend.cache.store", f"is {store}, so backend.cache.connection {rule}")
        return config.error("backend.cache.connection", rule)

    return STORES[store](config, connection, complain)


def caches_from(config: Config, environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return ``CACHES`` with Django's own cache in the store of the cache service, under keys of its own.

    Raise ``ConfigError`` where ``backend.cache`` or ``CACHE_URL`` makes no sense.
    """
    return {"default": definition_from(config, environ).setting()}
