"""Finding the catalog files that a repository has, on any host that lets its files be searched."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from apps.catalog.extension_points import ScmLocationAnalyzer
from portal import http_client
from portal.integrations import RepositoryHost, ScmIntegrations, file_url, scm_integrations
from portal.services import url_reader
from portal.services.url_reader import UrlReaderService


class RepositorySearch(ScmLocationAnalyzer):
    """Looks through repositories with the URL reader, where the configuration has an entry for their host.

    Public hosts without an entry aren't asked: what they let anybody do is used up soon. The arguments are for tests.
    """

    name = "repository-search"

    def __init__(
        self,
        *,
        integrations: Callable[[], ScmIntegrations] = scm_integrations,
        reader: UrlReaderService = url_reader,
        transport: http_client.BaseTransport | None = None,
    ) -> None:
        self._integrations = integrations
        self._reader = reader
        self._transport = transport

    def supports(self, url: str) -> bool:
        """Say whether a URL is on a host of git repositories with an entry in the configuration."""
        return self._host_of(url) is not None

    def find_files(self, url: str, *, filename: str) -> Iterable[str]:
        """Return the URLs of the files of that name, at the URL's ref and below its folder, if it has such."""
        integration = self._host_of(url)
        if integration is None:
            return []
        folder = integration.parse(url).path
        pattern = f"{folder}/**/{filename}" if folder else f"**/{filename}"
        found = self._reader.search(file_url(integration, url, pattern, transport=self._transport))
        return [file.url for file in found.files]

    def _host_of(self, url: str) -> RepositoryHost | None:
        integration = self._integrations().by_url(url)
        return integration if isinstance(integration, RepositoryHost) and integration.is_configured else None
