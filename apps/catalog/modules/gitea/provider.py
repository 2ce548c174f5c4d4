"""The provider, one for each configured id, and Gitea's REST API as it uses that.

https://docs.gitea.com/api/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.gitea.conf import GiteaProviderConfig, read_configs
from apps.catalog.modules.locations import found_file, ref_of_file, refresh_keys_of
from apps.catalog.modules.parallel import in_parallel
from apps.catalog.modules.rest_api import RestApi, configured_host, encoded
from portal.http_client import Client, new_client
from portal.integrations import GiteaIntegration, scm_integrations
from portal.integrations.urls import encoded as encoded_path
from portal.services import logger
from portal.services.events import Event

log = logger.for_plugin("catalog")

#: What Gitea gives at most unless its operators have chosen otherwise.
PAGE_SIZE = 50
BRANCH = "refs/heads/"

Repository = dict[str, Any]


class GiteaEntityProvider(ScheduledEntityProvider):
    """Keeps a Location for each repository of an organisation that has a catalog file, and hears of pushes."""

    topics = ("gitea.push", "gitea.repository")

    def __init__(self, config: GiteaProviderConfig) -> None:
        """Get ready. Raises ``ConfigError`` if the host isn't among the integrations."""
        self.name = f"gitea-provider:{config.id}"
        self.schedule = config.schedule
        self._config = config
        self._integration()

    def refresh(self, connection: EntityProviderConnection) -> None:
        """Read all repositories, ask each one for its file, and apply what is there once everything is read."""
        found: list[DeferredEntity] = []
        with new_client() as client:
            api = self._api(client)
            filled = (repository for repository in self._repositories(api) if not repository["empty"])
            for repository, has_file in in_parallel(lambda repository: self._has_file(api, repository), filled):
                if has_file:
                    found.append(self._file(self._file_url(repository)))
        connection.apply_full_mutation(found)
        log.info("Looked through Gitea's repositories", provider=self.name, files=len(found))

    def on_event(self, event: Event, connection: EntityProviderConnection) -> bool:
        """Apply a push to the branch that is read, or a repository's end, if it is one of this organisation."""
        told = event.payload["repository"]
        if not told["html_url"].startswith(f"{self._integration().base_url}/{encoded(self._config.organization)}/"):
            return False
        if event.topic == "gitea.push":
            self._on_push(event.payload, connection)
        elif event.payload["action"] == "deleted":
            connection.apply_delta_mutation(removed=[ref_of_file(self._file_url(told))])
        return False

    def _on_push(self, payload: dict[str, Any], connection: EntityProviderConnection) -> None:
        with new_client() as client:
            api = self._api(client)
            name = f"{encoded(self._config.organization)}/{encoded(payload['repository']['name'])}"
            repository = api.find_object(api.url(f"repos/{name}"))
            if repository is None or payload["ref"] != f"{BRANCH}{self._branch(repository)}":
                return
            has_file = self._has_file(api, repository)
        url = self._file_url(repository)
        if has_file:
            connection.apply_delta_mutation(added=[self._file(url)])
        else:
            connection.apply_delta_mutation(removed=[ref_of_file(url)])
        changed = {
            path
            for commit in payload["commits"]
            for kind in ("added", "modified", "removed")
            for path in commit.get(kind) or ()
        }
        connection.refresh(refresh_keys_of([self._file_url(repository, path) for path in sorted(changed)]))

    def _integration(self) -> GiteaIntegration:
        return configured_host(scm_integrations().gitea, GiteaIntegration, self._config.host, self.name)

    def _api(self, client: Client) -> RestApi:
        integration = self._integration()
        about = f"{integration.base_url}/{encoded(self._config.organization)}"
        return RestApi(client, integration, integration.api_base_url, about)

    def _repositories(self, api: RestApi) -> Iterator[Repository]:
        path = f"orgs/{encoded(self._config.organization)}/repos"
        number = 1
        # Until a page is empty: a Gitea may have smaller pages than it is asked for.
        while page := api.get_list(api.url(path, page=number, limit=PAGE_SIZE)):
            yield from page
            number += 1

    def _branch(self, repository: Repository) -> str:
        return self._config.branch or repository["default_branch"]

    def _has_file(self, api: RestApi, repository: Repository) -> bool:
        name = f"{encoded(self._config.organization)}/{encoded(repository['name'])}"
        path = f"repos/{name}/contents/{encoded_path(self._config.catalog_path)}"
        # A folder's answer is a list.
        return api.find_object(api.url(path, ref=self._branch(repository))) is not None

    def _file_url(self, repository: Repository, path: str | None = None) -> str:
        file = encoded_path(path or self._config.catalog_path)
        return f"{repository['html_url']}/src/branch/{encoded(self._branch(repository))}/{file}"

    def _file(self, url: str) -> DeferredEntity:
        return found_file(url, provider=self.name, presence=None)


def configured_providers() -> list[GiteaEntityProvider]:
    """Return a provider for each id. Raises ``ConfigError`` for the first mistake."""
    return [GiteaEntityProvider(config) for config in read_configs()]
