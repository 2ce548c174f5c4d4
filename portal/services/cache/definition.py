"""From ``backend.cache`` and ``CACHE_URL`` to a Django cache backend.

Credentials are taken out of URLs here and travel apart from them: what is left is fit for logs and error pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from django.core.cache.backends.base import BaseCache
from django.utils.module_loading import import_string

from portal.config import Config
from portal.config.sections import CacheConf
from portal.errors import ConfigError

#: A page may ask the cache several times, so nobody waits for it longer than this. Seconds.
PATIENCE = 0.5
#: The memory store is bounded: when it is full, a third of it goes, the least recently used first.
MEMORY_ENTRIES = 10_000
VERBATIM = "portal.services.cache.verbatim.Verbatim"

REDIS_SCHEMES = {"redis": "redis", "rediss": "rediss", "unix": "unix"}
VALKEY_SCHEMES = REDIS_SCHEMES | {"valkey": "redis", "valkeys": "rediss"}
#: What ``CACHE_URL`` may begin with, and the store that it means.
URL_STORES = {
    **dict.fromkeys(("memory", "locmem", "locmemcache"), "memory"),
    **dict.fromkeys(("memcache", "memcached", "pymemcache"), "memcache"),
    **dict.fromkeys(("redis", "rediss", "unix"), "redis"),
    **dict.fromkeys(("valkey", "valkeys"), "valkey"),
    **dict.fromkeys(("infinispan", "infinispans"), "infinispan"),
}

Complain = Callable[[str], ConfigError]


@dataclass(frozen=True)
class CacheDefinition:
    """A store that can be used: the backend's dotted path, where it is, and how to reach it.

    ``prefix`` goes before the plugin id in every key. ``verbatim`` are further options that make the backend store
    bytes as they are.
    """

    store: str
    backend: str
    location: str | list[str]
    options: dict[str, Any] = field(default_factory=dict)
    verbatim: dict[str, Any] = field(default_factory=dict)
    prefix: str = ""

    def setting(self) -> dict[str, Any]:
        """Return an entry of Django's ``CACHES``, whose keys don't meet those of plugins."""
        return {
            "BACKEND": self.backend,
            "LOCATION": self.location,
            "OPTIONS": dict(self.options),
            "KEY_PREFIX": f"{self.prefix}django",
        }

    def plugin_backend(self) -> BaseCache:
        """Make the backend of the cache service: keys and values are stored as they are given."""
        location = "plugins" if self.store == "memory" else self.location
        backend: BaseCache = import_string(self.backend)(
            location, {"OPTIONS": self.options | self.verbatim, "TIMEOUT": None, "KEY_FUNCTION": _as_given}
        )
        return backend


def definition_from(config: Config, environ: Mapping[str, str]) -> CacheDefinition:
    """Read which store to use. ``CACHE_URL`` beats ``backend.cache.store`` and ``connection``.

    Raise ``ConfigError``, without quoting the connection, for a store that doesn't exist, a connection that makes no
    sense, and a client that isn't installed.
    """
    if url := environ.get("CACHE_URL", ""):
        scheme = url.partition(":")[0].lower()
        if scheme not in URL_STORES:
            raise ConfigError(f"CACHE_URL must begin with one of {', '.join(f'{known}://' for known in URL_STORES)}.")
        return _READERS[URL_STORES[scheme]](config, url, lambda rule: ConfigError(f"CACHE_URL {rule}"))
    conf = CacheConf(config)
    return _READERS[conf.store](config, conf.connection, lambda rule: config.error("backend.cache.connection", rule))


def _memory(config: Config, connection: Any, complain: Complain) -> CacheDefinition:
    return CacheDefinition(
        "memory",
        "django.core.cache.backends.locmem.LocMemCache",
        "django",
        options={"MAX_ENTRIES": MEMORY_ENTRIES},
    )


def _redis(config: Config, connection: Any, complain: Complain) -> CacheDefinition:
    namespace = config.get_str("backend.cache.redis.client.namespace", default="")
    separator = config.get_str("backend.cache.redis.client.keyPrefixSeparator", default=":")
    prefix = f"{namespace}{separator}" if namespace else ""
    return _resp("redis", connection, REDIS_SCHEMES, prefix, complain)


def _valkey(config: Config, connection: Any, complain: Complain) -> CacheDefinition:
    prefix = config.get_str("backend.cache.valkey.client.keyPrefix", default="")
    return _resp("valkey", connection, VALKEY_SCHEMES, prefix, complain)


def _resp(store: str, connection: Any, schemes: Mapping[str, str], prefix: str, complain: Complain) -> CacheDefinition:
    _require("django_redis", "django-redis", "redis", complain)
    if isinstance(connection, Mapping):
        connection = connection.get("url")
    shape = f"must be a URL such as {store}://user:password@host:6379/0, or an object with such a url."
    if not isinstance(connection, str):
        raise complain(shape)
    url = _split(connection, complain, shape)
    if url.scheme not in schemes or not (url.path if url.scheme == "unix" else url.hostname):
        raise complain(shape)
    database = url.path.strip("/")
    if url.scheme != "unix" and database and not database.isdecimal():
        raise complain("must end with the number of a database, or with nothing after the port.")
    query = dict(parse_qsl(url.query))
    username = unquote(url.username or "") or query.pop("username", "")
    password = unquote(url.password or "") or query.pop("password", "")
    location = f"{schemes[url.scheme]}://{_host(url)}{url.path}" + (f"?{urlencode(query)}" if query else "")
    return CacheDefinition(
        store,
        "portal.services.cache.redis_backend.RedisCache",
        location,
        options={
            "CONNECTION_FACTORY": "portal.services.cache.redis_backend.PoolPerAccount",
            "SOCKET_CONNECT_TIMEOUT": PATIENCE,
            "SOCKET_TIMEOUT": PATIENCE,
            "USERNAME": username,
            "PASSWORD": password,
        },
        verbatim={"SERIALIZER": VERBATIM},
        prefix=prefix,
    )


def _memcache(config: Config, connection: Any, complain: Complain) -> CacheDefinition:
    from portal.services.cache.verbatim import Verbatim

    _require("pymemcache", "pymemcache", "memcached", complain)
    shape = "must be host:port, or several of them with commas between."
    if not isinstance(connection, str):
        raise complain(shape)
    servers = [server.strip() for server in connection.rpartition("://")[2].rstrip("/").split(",")]
    for server in servers:
        if "@" in server:
            raise complain(
                "names a user, but memcached is used without signing in (SASL). Leave user and password out."
            )
        url = _split(f"memcache://{server}", complain, shape)
        if not server.startswith("unix:/") and (not url.hostname or url.path or url.query):
            raise complain(shape)
    return CacheDefinition(
        "memcache",
        "portal.services.cache.memcache_backend.MemcacheCache",
        servers,
        options={
            "connect_timeout": PATIENCE,
            "timeout": PATIENCE,
            "no_delay": True,
            # Our circuit decides when a server is asked again; among several, a dead one is left out for a while.
            "retry_attempts": 0,
            "dead_timeout": -1 if len(servers) == 1 else 30,
        },
        verbatim={"serde": Verbatim()},
    )


def _infinispan(config: Config, connection: Any, complain: Complain) -> CacheDefinition:
    section = config.child("backend.cache.infinispan")
    username, password = "", ""
    if section.get_bool("authentication.enabled", default=False):
        username = section.get_str("authentication.userName")
        password = section.get_str("authentication.password")
    scheme = "https" if section.get_bool("ssl.enabled", default=False) else "http"
    cache = section.get_str("cacheName", default="cache")
    media_type = section.get_str("mediaType", default=section.get_str("dataFormat.valueType", default="text/plain"))
    if media_type not in {"text/plain", "application/json"}:
        raise section.error("mediaType", "must be text/plain or application/json.")
    if connection:
        shape = "must be a URL such as infinispan://user:password@host:11222/cache; infinispans:// stands for TLS."
        url = _split(connection if isinstance(connection, str) else "", complain, shape)
        if url.scheme not in {"infinispan", "infinispans"} or not url.hostname:
            raise complain(shape)
        username, password = unquote(url.username or username), unquote(url.password or password)
        scheme = "https" if url.scheme == "infinispans" else scheme
        cache = unquote(url.path.strip("/")) or cache
        hosts = [_host(url) if url.port else f"{_host(url)}:11222"]
    else:
        servers = section.get("servers", [{}])
        hosts = [
            f"{server.get_str('host', default='127.0.0.1')}:{server.get_int('port', default=11222)}"
            for server in ([section.child("servers")] if isinstance(servers, dict) else section.children("servers"))
        ] or ["127.0.0.1:11222"]
    return CacheDefinition(
        "infinispan",
        "portal.services.cache.infinispan_backend.InfinispanCache",
        [f"{scheme}://{host}" for host in hosts],
        options={
            "CACHE": cache,
            "MEDIA_TYPE": media_type,
            "SECONDS": PATIENCE,
            "USERNAME": username,
            "PASSWORD": password,
            "CA_FILES": section.get_strings("ssl.trustCerts", default=[]),
        },
        verbatim={"SERIALIZER": VERBATIM},
    )


_READERS: dict[str, Callable[[Config, Any, Complain], CacheDefinition]] = {
    "memory": _memory,
    "memcache": _memcache,
    "redis": _redis,
    "valkey": _valkey,
    "infinispan": _infinispan,
}


def _require(module: str, package: str, extra: str, complain: Complain) -> None:
    if find_spec(module) is None:
        raise complain(f"needs the package {package}, which isn't installed: pip install 'greenroom[{extra}]'.")


def _split(url: str, complain: Complain, shape: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is none raises here
    except ValueError:
        raise complain(shape) from None  # the cause would quote the URL
    return parts


def _host(url: SplitResult) -> str:
    """Return ``host:port`` as it stands in the URL."""
    return quote(url.netloc.rpartition("@")[2], safe=":[]")


def _as_given(key: str, key_prefix: str, version: int) -> str:
    return key
