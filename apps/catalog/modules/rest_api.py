"""REST APIs of source hosts, as providers use them that read one list after another."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import orjson

from apps.catalog.modules.patience import go_on, wait_for
from portal import http_client
from portal.errors import ConfigError, NotFoundError, ServiceUnavailableError
from portal.integrations import Integrations, ScmIntegration
from portal.integrations.host_api import MAX_JSON_BYTES, HostApi, RateLimited

I = TypeVar("I", bound=ScmIntegration)  # noqa: E741 (as in Integrations[I])
T = TypeVar("T")


class RestApi:
    """A host's API with what is configured to let the portal in. Waits where it asks for that, if the run has the time.

    Errors are those of ``HostApi``.
    """

    def __init__(self, client: http_client.Client, integration: ScmIntegration, api_base_url: str, about: str) -> None:
        """Get ready to ask the API at ``api_base_url``; ``about`` is the URL that messages name."""
        self._client = client
        self._integration = integration
        self._api_base_url = api_base_url
        self._about = about

    def url(self, path: str, **query: Any) -> str:
        """Return the URL of a path, whose segments are encoded, below the API's address."""
        return f"{self._api_base_url}/{path}" + (f"?{urlencode(query)}" if query else "")

    def get_object(self, url: str) -> dict[str, Any]:
        """Return the object at a URL. Raises ``NotFoundError`` if there is none that may be seen."""
        return self._read(url, dict)

    def get_list(self, url: str) -> list[dict[str, Any]]:
        """Return the list at a URL. Raises ``NotFoundError`` if there is none that may be seen."""
        return self._read(url, list)

    def get_text(self, url: str) -> str:
        """Return the string in JSON at a URL. Raises ``NotFoundError`` if there is none that may be seen."""
        return self._read(url, str)

    def find_object(self, url: str) -> dict[str, Any] | None:
        """Return the object at a URL, None if there is none that may be seen, or if it is something else."""
        try:
            found = self._content(url)
        except NotFoundError:
            return None
        value = self._parsed(found) if found else None
        return value if isinstance(value, dict) else None

    def _read(self, url: str, type_: type[T]) -> T:
        value = self._parsed(self._content(url))
        if not isinstance(value, type_):
            raise ServiceUnavailableError(f"{url} can't be used: its answer in JSON is not what it should be.")
        return value

    def _parsed(self, content: bytes) -> Any:
        try:
            # Gerrit puts a line before it that keeps browsers from running it.
            return orjson.loads(content.removeprefix(b")]}'"))
        except orjson.JSONDecodeError as error:
            raise ServiceUnavailableError(
                f"{self._about} can't be read: {self._integration.host} did not answer in JSON, as a page that asks to "
                f"sign in wouldn't either."
            ) from error

    def _content(self, url: str) -> bytes:
        if not url.startswith(f"{self._api_base_url}/"):
            # A page's successor, as the answer before has it: credentials go to the API alone.
            raise ServiceUnavailableError(f"{self._about} can't be read: {self._integration.host} leads on to {url}.")
        while True:
            go_on()
            try:
                # One for each request: it has a deadline, and a run takes longer.
                api = HostApi(self._client, self._integration, self._about)
                content, _ = api.read(url, {"Accept": "application/json"}, max_bytes=MAX_JSON_BYTES)
            except RateLimited as limited:
                wait_for(self._integration.host, limited.seconds)
            else:
                return content


def encoded(text: str) -> str:
    """Return text as one segment of a URL's path."""
    return quote(text, safe="")


def configured_host(integrations: Integrations[I], type_: type[I], host: str, needed_by: str) -> I:
    """Return what is configured for a host. Raises ``ConfigError`` that says who needs it."""
    found = integrations.by_host(host)
    if found is None:
        raise ConfigError(
            f"integrations.{type_.type} has no entry for '{host}', which {needed_by} reads. Add '- host: {host}'."
        )
    return found
