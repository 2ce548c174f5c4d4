"""Requests over the network, for plugins that run in another process."""

from __future__ import annotations

from functools import cached_property

from portal import http_client
from portal.services import discovery
from portal.services.transport.base import TransportService
from portal.services.transport.response import Headers, Response


class HttpTransport(TransportService):
    """Sends requests to where ``discovery`` says the plugin is. ``network`` takes the network's place in tests."""

    def __init__(self, *, network: http_client.BaseTransport | None = None) -> None:
        self._network = network

    @cached_property
    def _client(self) -> http_client.Client:
        return http_client.new_client(transport=self._network)

    def _send(
        self, plugin_id: str, method: str, path: str, headers: dict[str, str], content: bytes, timeout: float
    ) -> Response:
        url = f"{discovery.base_url(plugin_id)}{path}"
        with http_client.translated_errors(url):
            answer = self._client.request(method, url, headers=headers, content=content, timeout=timeout)
        return Response(answer.status_code, Headers(answer.headers), answer.content)

    def close(self) -> None:
        """Close the connections."""
        client = self.__dict__.pop("_client", None)
        if client is not None:
            client.close()
