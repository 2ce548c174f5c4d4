"""Redis and Valkey, through django-redis."""

from __future__ import annotations

from typing import Any

import redis
from django_redis.cache import RedisCache as DjangoRedisCache
from django_redis.pool import ConnectionFactory

from portal.services.cache.degrading import Degrading


class RedisCache(Degrading, DjangoRedisCache):
    """django-redis's backend without its exceptions. ``LOCATION`` is a URL without credentials."""

    outages = (redis.ConnectionError, redis.TimeoutError, OSError)
    timeouts = (redis.TimeoutError, TimeoutError)
    refusals = (redis.RedisError,)


class PoolPerAccount(ConnectionFactory):
    """Keeps one pool of connections for each server and account; django-redis looks at the URL only."""

    _pools: dict[str, Any] = {}

    def get_or_create_connection_pool(self, params: dict[str, Any]) -> Any:
        """Return the process's pool for these parameters."""
        key = repr(sorted(params.items(), key=lambda item: item[0]))
        if key not in self._pools:
            self._pools[key] = self.get_connection_pool(params)
        return self._pools[key]
