"""Reading how to reach Redis and Valkey, one server or a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from portal.config import Config
from portal.errors import ConfigError
from portal.services.cache.definition import (
    PATIENCE,
    VERBATIM,
    CacheDefinition,
    Complain,
    host_and_port,
    require_package,
    split_url,
)

DEFAULT_PORT = 6379
REDIS_SCHEMES = {"redis": "redis", "rediss": "rediss", "unix": "unix"}
VALKEY_SCHEMES = REDIS_SCHEMES | {"valkey": "redis", "valkeys": "rediss"}


class _Node(NamedTuple):
    host: str
    port: int
    username: str = ""
    password: str = ""
    tls: bool = False


def redis(config: Config, connection: Any, complain: Complain) -> CacheDefinition:
    """Define Redis: ``connection`` is a URL or ``{url}``, ``backend.cache.redis`` has namespace and cluster."""
    namespace = config.get_str("backend.cache.redis.client.namespace", default="")
    separator = config.get_str("backend.cache.redis.client.keyPrefixSeparator", default=":")
    prefix = f"{namespace}{separator}" if namespace else ""
    return _definition("redis", config, connection, REDIS_SCHEMES, prefix, complain)


def valkey(config: Config, connection: Any, complain: Complain) -> CacheDefinition:
    """Define Valkey: as Redis, but ``backend.cache.valkey.client.keyPrefix`` has its separator in it."""
    prefix = config.get_str("backend.cache.valkey.client.keyPrefix", default="")
    return _definition("valkey", config, connection, VALKEY_SCHEMES, prefix, complain)


def _definition(
    store: str, config: Config, connection: Any, schemes: Mapping[str, str], prefix: str, complain: Complain
) -> CacheDefinition:
    require_package("django_redis", "django-redis", "redis", complain)
    cluster = config.child(f"backend.cache.{store}.cluster")
    if cluster.children("rootNodes"):
        return _cluster(store, cluster, schemes, prefix)
    location, username, password = _server(store, connection, schemes, complain)
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


def _server(store: str, connection: Any, schemes: Mapping[str, str], complain: Complain) -> tuple[str, str, str]:
    """Return URL, user name and password."""
    if isinstance(connection, Mapping):
        connection = connection.get("url")
    rule = f"must be a URL such as {store}://user:password@host:{DEFAULT_PORT}/0, or an object with such a url."
    url = split_url(connection if isinstance(connection, str) else "", complain, rule)
    if url.scheme not in schemes or not (url.path if url.scheme == "unix" else url.hostname):
        raise complain(rule)
    database = url.path.strip("/")
    if url.scheme != "unix" and database and not database.isdecimal():
        raise complain("must end with the number of a database, or with nothing after the port.")
    query = dict(parse_qsl(url.query))
    username = unquote(url.username or "") or query.pop("username", "")
    password = unquote(url.password or "") or query.pop("password", "")
    location = f"{schemes[url.scheme]}://{host_and_port(url)}{url.path}" + (f"?{urlencode(query)}" if query else "")
    return location, username, password


def _cluster(store: str, cluster: Config, schemes: Mapping[str, str], prefix: str) -> CacheDefinition:
    """Define a cluster by ``rootNodes``, each ``{url}`` or ``{socket: {host, port}}``, and ``defaults`` for all."""
    nodes = [_node(store, cluster, position, schemes) for position in range(len(cluster.children("rootNodes")))]
    usernames = (cluster.get_str("defaults.username", default=""), *(node.username for node in nodes))
    passwords = (cluster.get_str("defaults.password", default=""), *(node.password for node in nodes))
    tls = cluster.get_bool("defaults.socket.tls", default=False) or any(node.tls for node in nodes)
    return CacheDefinition(
        store,
        "portal.services.cache.redis_cluster.RedisClusterCache",
        [f"{'rediss' if tls else 'redis'}://{node.host}:{node.port}" for node in nodes],
        options={
            "CONNECTION_FACTORY": "portal.services.cache.redis_cluster.ClusterFactory",
            "NODES": [(node.host, node.port) for node in nodes],
            "CLUSTER": {
                "username": next(filter(None, usernames), None),
                "password": next(filter(None, passwords), None),
                "ssl": tls,
                # A node that doesn't answer makes the client ask the others.
                "socket_connect_timeout": PATIENCE / 2,
                "socket_timeout": PATIENCE / 2,
            },
        },
        verbatim={"SERIALIZER": VERBATIM},
        prefix=prefix,
    )


def _node(store: str, cluster: Config, position: int, schemes: Mapping[str, str]) -> _Node:
    path = f"rootNodes[{position}]"
    if not cluster.has(f"{path}.url"):
        port = cluster.get_int(f"{path}.socket.port", default=DEFAULT_PORT)
        return _Node(cluster.get_str(f"{path}.socket.host"), port)

    def complain(rule: str) -> ConfigError:
        return cluster.error(f"{path}.url", rule)

    location, username, password = _server(store, cluster.get_str(f"{path}.url"), schemes, complain)
    url = urlsplit(location)
    if url.hostname is None:
        raise complain("must name a host: the nodes of a cluster reach each other over the network.")
    return _Node(url.hostname, url.port or DEFAULT_PORT, username, password, url.scheme == "rediss")
