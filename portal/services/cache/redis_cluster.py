"""A cluster of Redis or Valkey servers, through django-redis and redis-py's cluster client."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, ClassVar

from django_redis.cache import RedisCache as DjangoRedisCache
from django_redis.pool import ConnectionFactory
from redis import RedisCluster
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.exceptions import RedisClusterException
from redis.retry import Retry

from portal.services.cache.degrading import Degrading
from portal.services.cache.redis_backend import RedisCache


class ClusterFactory(ConnectionFactory):
    """Gives the process's client of a cluster, which finds the nodes by itself. ``OPTIONS``: ``NODES``, ``CLUSTER``."""

    _clusters: ClassVar[dict[str, RedisCluster]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def connect(self, url: str) -> Any:
        """Return the client. The first time, this asks the nodes for the layout of the cluster."""
        nodes, account = self.options["NODES"], self.options["CLUSTER"]
        key = repr((nodes, sorted(account.items())))
        with self._lock:
            if key not in self._clusters:
                self._clusters[key] = RedisCluster(
                    startup_nodes=[ClusterNode(host, port) for host, port in nodes],
                    require_full_coverage=False,
                    # Asking again is for our circuit to decide; the client would sleep in between.
                    retry=Retry(NoBackoff(), 0),
                    **account,
                )
            return self._clusters[key]


class _OneByOne(DjangoRedisCache):
    """django-redis's backend without commands on many keys: these may live on different nodes."""

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        missing = object()
        found = ((key, self.get(key, missing, version=version)) for key in keys)
        return {key: value for key, value in found if value is not missing}


class RedisClusterCache(Degrading, _OneByOne):
    """The same without its exceptions."""

    outages = (*RedisCache.outages, RedisClusterException)
    #: The client has asked every node by then.
    timeouts = (*RedisCache.timeouts, RedisClusterException)
    refusals = RedisCache.refusals
