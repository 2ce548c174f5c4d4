"""Contract of the transport service: requests from plugin to plugin."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from portal.errors import InputError
from portal.services.base import Service
from portal.services.transport.response import Response

#: Seconds to wait for a plugin's answer.
DEFAULT_TIMEOUT = 30.0
#: Values of a query: a list gives its key several times.
Params = Mapping[str, Any]


class TransportService(Service):
    """Sends a request to a plugin's HTTP API. The caller can't tell whether the plugin is in the same process.

    ``portal.clients`` are built on it; plugins use those.
    """

    service_name = "transport"

    def request(
        self,
        plugin_id: str,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Response:
        """Send a request and return the answer, whatever its status.

        ``path`` is below the plugin's API and starts with a slash: ``/entities/by-name/…``; ``json`` and
        ``content`` are two ways to give a body. Raises ``ServiceUnavailableError`` if the plugin can't be
        reached or doesn't answer within ``timeout`` seconds.
        """
        if not path.startswith("/"):
            raise InputError(f"The path '{path}' must start with '/': it is below the plugin's API.")
        if json is not None and content is not None:
            raise InputError("Give either json or content, not both.")
        sent = {"Accept": "application/json", **(headers or {})}
        if json is not None:
            content = orjson.dumps(json)
            sent.setdefault("Content-Type", "application/json")
        query = urlencode({name: value for name, value in (params or {}).items() if value is not None}, doseq=True)
        return self._send(
            plugin_id, method.upper(), f"{path}?{query}" if query else path, sent, content or b"", timeout
        )

    @abstractmethod
    def _send(
        self, plugin_id: str, method: str, path: str, headers: dict[str, str], content: bytes, timeout: float
    ) -> Response:
        """Send what ``request`` has prepared; ``path`` holds the query."""
