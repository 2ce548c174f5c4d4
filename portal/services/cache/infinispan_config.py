"""Reading how to reach Infinispan."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from portal.config import Config
from portal.services.cache.definition import (
    PATIENCE,
    VERBATIM,
    CacheDefinition,
    Complain,
    host_and_port,
    split_url,
)

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 11222
MEDIA_TYPES = ("text/plain", "application/json")


def infinispan(config: Config, connection: Any, complain: Complain) -> CacheDefinition:
    """Define Infinispan: ``backend.cache.infinispan`` says it all, and a URL beats its server, account and cache."""
    section = config.child("backend.cache.infinispan")
    username, password = "", ""
    if section.get_bool("authentication.enabled", default=False):
        username = section.get_str("authentication.userName")
        password = section.get_str("authentication.password")
    scheme = "https" if section.get_bool("ssl.enabled", default=False) else "http"
    cache = section.get_str("cacheName", default="cache")
    if connection is None:
        hosts = _hosts(section)
    else:
        rule = f"must be a URL such as infinispan://user:password@host:{DEFAULT_PORT}/cache; infinispans:// is for TLS."
        url = split_url(connection if isinstance(connection, str) else "", complain, rule)
        if url.scheme not in {"infinispan", "infinispans"} or not url.hostname:
            raise complain(rule)
        username, password = unquote(url.username or username), unquote(url.password or password)
        scheme = "https" if url.scheme == "infinispans" else scheme
        cache = unquote(url.path.strip("/")) or cache
        hosts = [host_and_port(url) if url.port else f"{host_and_port(url).rstrip(':')}:{DEFAULT_PORT}"]
    return CacheDefinition(
        "infinispan",
        "portal.services.cache.infinispan_backend.InfinispanCache",
        [f"{scheme}://{host}" for host in hosts],
        options={
            "CACHE": cache,
            "MEDIA_TYPE": _media_type(section),
            "SECONDS": PATIENCE,
            "USERNAME": username,
            "PASSWORD": password,
            "CA_FILES": section.get_strings("ssl.trustCerts", default=[]),
        },
        verbatim={"SERIALIZER": VERBATIM},
    )


def _hosts(section: Config) -> list[str]:
    """Return ``host:port`` of each of ``servers``, which may be an object or a list of objects."""
    if isinstance(section.get("servers", {}), dict):
        servers = [section.child("servers")]
    else:
        servers = section.children("servers")
    return [
        f"{server.get_str('host', default=DEFAULT_HOST)}:{server.get_int('port', default=DEFAULT_PORT)}"
        for server in servers
    ] or [f"{DEFAULT_HOST}:{DEFAULT_PORT}"]


def _media_type(section: Config) -> str:
    for path in ("mediaType", "dataFormat.valueType"):
        if section.has(path):
            media_type = section.get_str(path)
            if media_type not in MEDIA_TYPES:
                raise section.error(path, f"must be {' or '.join(MEDIA_TYPES)}.")
            return media_type
    return MEDIA_TYPES[0]
