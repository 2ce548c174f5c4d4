"""GitLab's REST API, as the providers of GitLab use it.

https://docs.gitlab.com/api/rest/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import orjson

from apps.catalog.modules.patience import go_on, wait_for
from portal import http_client
from portal.errors import ConfigError, NotFoundError, ServiceUnavailableError
from portal.integrations import GitLabIntegration, scm_integrations
from portal.integrations.host_api import MAX_JSON_BYTES, HostApi, RateLimited

PAGE_SIZE = 100

T = TypeVar("T")


class GitLabApi:
    """GitLab with what is configured to let the portal in. Waits where it asks for that, if the run has the time.

    Errors are those of ``HostApi``.
    """

    def __init__(self, client: http_client.Client, integration: GitLabIntegration) -> None:
        self._client = client
        self._integration = integration

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, page after page. Raises ``NotFoundError`` if there is no such list."""
        page = "1"
        while page:
            url = self._url(path, {**query, "per_page": PAGE_SIZE, "page": page})

            def read(api: HostApi, url: str = url) -> tuple[bytes, http_client.Headers]:
                return api.read(url, {"Accept": "application/json"}, max_bytes=MAX_JSON_BYTES)

            content, headers = self._patiently(read)
            yield from self._list(content)
            page = headers.get("x-next-page", "")

    def get(self, path: str, **query: Any) -> dict[str, Any] | None:
        """Return an object, None if there is none that may be seen."""
        try:
            found: dict[str, Any] = self._patiently(lambda api: api.json(self._url(path, query)))
        except NotFoundError:
            return None
        return found

    def exists(self, path: str, **query: Any) -> bool:
        """Say whether something is there, and may be seen."""
        return self._patiently(lambda api: api.exists(self._url(path, query)))

    def _patiently(self, ask: Callable[[HostApi], T]) -> T:
        while True:
            go_on()
            try:
                # One for each request: it has a deadline, and a run takes longer.
                return ask(HostApi(self._client, self._integration, self._integration.base_url))
            except RateLimited as limited:
                wait_for(self._integration.host, limited.seconds)

    def _url(self, path: str, query: dict[str, Any]) -> str:
        return f"{self._integration.api_base_url}/{path}" + (f"?{urlencode(query)}" if query else "")

    def _list(self, content: bytes) -> list[dict[str, Any]]:
        try:
            found = orjson.loads(content)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, list):
            raise ServiceUnavailableError(f"{self._integration.host} did not answer with a list in JSON.")
        return found


def encoded(path: str) -> str:
    """Return a group's, project's or file's path as it stands in the URL of the API."""
    return quote(path, safe="")


def integration_for(host: str, needed_by: str) -> GitLabIntegration:
    """Return what is configured for a host. Raises ``ConfigError`` that says who needs it."""
    found = scm_integrations().gitlab.by_host(host)
    if found is None:
        raise ConfigError(
            f"integrations.gitlab has no entry for '{host}', which {needed_by} reads. Add '- host: {host}'."
        )
    return found
