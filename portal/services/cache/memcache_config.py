"""Reading how to reach memcached."""

from __future__ import annotations

from typing import Any

from portal.config import Config
from portal.services.cache.definition import PATIENCE, CacheDefinition, Complain, require_package, split_url
from portal.services.cache.verbatim import Verbatim

#: How long one of several servers is left out after it failed. Seconds.
DEAD_SECONDS = 30


def memcache(config: Config, connection: Any, complain: Complain) -> CacheDefinition:
    """Define memcached: ``connection`` is ``host:port``, several of them, or ``unix:/path``."""
    require_package("pymemcache", "pymemcache", "memcached", complain)
    rule = "must be host:port, or several of them with commas between."
    if not isinstance(connection, str):
        raise complain(rule)
    servers = [server.strip() for server in connection.rpartition("://")[2].rstrip("/").split(",")]
    for server in servers:
        if "@" in server:
            raise complain("names a user, but memcached is used without signing in. Leave user and password out.")
        url = split_url(f"memcache://{server}", complain, rule)
        if not server.startswith("unix:/") and (not url.hostname or url.path or url.query):
            raise complain(rule)
    return CacheDefinition(
        "memcache",
        "portal.services.cache.memcache_backend.MemcacheCache",
        servers,
        options={
            "connect_timeout": PATIENCE,
            "timeout": PATIENCE,
            "no_delay": True,
            # When to ask a single server again is for our circuit to say.
            "retry_attempts": 0,
            "dead_timeout": -1 if len(servers) == 1 else DEAD_SECONDS,
        },
        verbatim={"serde": Verbatim()},
    )
