"""The provider, one for each configured id, and Gerrit's REST API as it uses that.

https://gerrit-review.googlesource.com/Documentation/rest-api-projects.html
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, quote

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.gerrit.conf import GerritProviderConfig, read_configs
from apps.catalog.modules.locations import found_file
from apps.catalog.modules.parallel import in_parallel
from apps.catalog.modules.rest_api import RestApi, configured_host, encoded
from portal.http_client import new_client
from portal.integrations import GerritIntegration, scm_integrations
from portal.integrations.urls import encoded as encoded_path
from portal.services import logger

log = logger.for_plugin("catalog")

BRANCH = "refs/heads/"
#: What a query says that is about a part of the list alone.
PARTS = {"n", "limit", "S", "start"}


class GerritEntityProvider(ScheduledEntityProvider):
    """Keeps a Location for each project that a query finds."""

    def __init__(self, config: GerritProviderConfig) -> None:
        """Get ready. Raises ``ConfigError`` if the host isn't among the integrations."""
        self.name = f"gerrit-provider:{config.id}"
        self.schedule = config.schedule
        self._config = config
        self._integration()

    def refresh(self, connection: EntityProviderConnection) -> None:
        """Read all projects, and apply what is there once everything is read."""
        found: list[DeferredEntity] = []
        integration = self._integration()
        with new_client() as client:
            api = RestApi(client, integration, integration.api_base_url, integration.gitiles_base_url)
            for project, ref in in_parallel(lambda project: self._ref(api, project), self._projects(api)):
                if ref is not None:
                    file = f"{quote(project)}/+/{BRANCH}{encoded(ref.removeprefix(BRANCH))}"
                    url = f"{integration.gitiles_base_url}/{file}/{encoded_path(self._config.catalog_path)}"
                    found.append(found_file(url, provider=self.name))
        connection.apply_full_mutation(found)
        log.info("Looked through Gerrit's projects", provider=self.name, files=len(found))

    def _integration(self) -> GerritIntegration:
        return configured_host(scm_integrations().gerrit, GerritIntegration, self._config.host, self.name)

    def _projects(self, api: RestApi) -> Iterator[str]:
        query = self._config.query
        url, start = api.url(f"projects/?{query}"), 0
        while url:
            page = api.get_object(url)
            yield from page
            start += len(page)
            # Gerrit says so at the last one.
            more = any(project.get("_more_projects") for project in page.values())
            url = api.url(f"projects/?{query}&S={start}") if more and not PARTS & parse_qs(query).keys() else ""

    def _ref(self, api: RestApi, project: str) -> str | None:
        """Return the branch to read, None for a project that has none, as those for Gerrit's own settings."""
        if self._config.branch is not None:
            return f"{BRANCH}{self._config.branch}"
        head = api.get_text(api.url(f"projects/{encoded(project)}/HEAD"))
        return head if head.startswith(BRANCH) else None


def configured_providers() -> list[GerritEntityProvider]:
    """Return a provider for each id. Raises ``ConfigError`` for the first mistake."""
    return [GerritEntityProvider(config) for config in read_configs()]
