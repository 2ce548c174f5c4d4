"""Discovery from configuration: this host, unless ``discovery.endpoints`` says that a plugin is somewhere else."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from portal.config import Config, current
from portal.config.sections import DEFAULT_BASE_URL
from portal.services.discovery.base import DiscoveryService
from portal.services.discovery.endpoints import ANY, SRV_SCHEMES, filled_in, read_endpoints
from portal.services.discovery.srv import SrvResolver

_LISTEN = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:]*):(?P<port>\d{1,5})")
#: Addresses to listen on that nobody can connect to, and where to reach them from here.
_REACHABLE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "::": "[::1]", "[::]": "[::1]"}


class SingleHostDiscovery(DiscoveryService):
    """All plugins under ``/api/<plugin-id>`` of one host, but for those that the configuration places elsewhere.

    Inside, the host is ``backend.listen`` if that is set, since it spares the way through a proxy; else, and
    outside, ``backend.baseUrl``.
    """

    def __init__(self, *, resolver: SrvResolver | None = None) -> None:
        self._resolver = resolver or SrvResolver()

    def base_url(self, plugin_id: str) -> str:
        """Return the address inside."""
        config = current()
        targets = read_endpoints(config).internal
        pattern = targets.get(plugin_id) or targets.get(ANY)
        if pattern is None:
            return f"{_listen_url(config) or _base_url(config)}/api/{quote(plugin_id, safe='')}"
        url = filled_in(pattern, plugin_id)
        return self._resolver.resolve(url) if urlsplit(url).scheme in SRV_SCHEMES else url

    def external_base_url(self, plugin_id: str) -> str:
        """Return the address outside."""
        config = current()
        targets = read_endpoints(config).external
        pattern = targets.get(plugin_id) or targets.get(ANY)
        if pattern is None:
            return f"{_base_url(config)}/api/{quote(plugin_id, safe='')}"
        return filled_in(pattern, plugin_id)


def own_base_url(plugin_id: str) -> str:
    """Return the address of a plugin in this process, as this portal is known outside, whatever the endpoints say."""
    parts = urlsplit(_base_url(current()))
    return f"{parts.scheme}://{parts.netloc}/api/{quote(plugin_id, safe='')}"


def _base_url(config: Config) -> str:
    fallback = config.get_str("app.baseUrl", default=DEFAULT_BASE_URL)
    return config.get_str("backend.baseUrl", default=fallback).rstrip("/")


def _listen_url(config: Config) -> str | None:
    """Return the address that ``backend.listen`` stands for; None if it isn't set or names no port."""
    listen = config.get("backend.listen")
    if listen is None:
        return None
    if isinstance(listen, dict):
        host, port = (
            config.get_str("backend.listen.host", default=""),
            config.get_int("backend.listen.port", default=None),
        )
        if port is None:
            return None
    else:
        match = _LISTEN.fullmatch(str(listen))
        if match is None:
            raise config.error("backend.listen", "must be ':<port>', '<host>:<port>' or an object with host and port.")
        host, port = match["host"], int(match["port"])
    host = _REACHABLE.get(host, f"[{host}]" if ":" in host and not host.startswith("[") else host)
    scheme = "https" if config.get("backend.https") else "http"
    return f"{scheme}://{host}:{port}"
