"""The provider, one for each configured id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.bitbucket_cloud.conf import BitbucketCloudProviderConfig, read_configs
from apps.catalog.modules.bitbucket_cloud.search import FoundFile, Repository, Workspace
from apps.catalog.modules.locations import found_file, ref_of_file
from apps.catalog.modules.rest_api import configured_host
from portal.http_client import Client, new_client
from portal.integrations import BitbucketCloudIntegration, scm_integrations
from portal.services import logger
from portal.services.events import Event

log = logger.for_plugin("catalog")

ANNOTATION_REPO_URL = "bitbucket.org/repo-url"
#: How many repositories a search finds at most; beyond them it is silent.
SEARCH_LIMIT = 900
WILDCARDS = "*?["


class BitbucketCloudEntityProvider(ScheduledEntityProvider):
    """Keeps a Location for each catalog file of a workspace, and hears of pushes and of repositories that move."""

    topics = ("bitbucketCloud.repo:push", "bitbucketCloud.repo:updated")

    def __init__(self, config: BitbucketCloudProviderConfig) -> None:
        """Get ready."""
        self.name = f"bitbucketCloud-provider:{config.id}"
        self.schedule = config.schedule
        self._config = config

    def refresh(self, connection: EntityProviderConnection) -> None:
        """Search the workspace, and apply what is there once everything is read."""
        found: dict[str, DeferredEntity] = {}
        with new_client() as client:
            for file in self._files(self._workspace(client)):
                if self._config.wants(file.repository.project_key, file.repository.slug):
                    url = file.repository.file_url(file.path)
                    found[url] = self._file(url, file.repository)
        connection.apply_full_mutation(found.values())
        log.info("Looked for files on Bitbucket Cloud", provider=self.name, files=len(found))

    def on_event(self, event: Event, connection: EntityProviderConnection) -> bool:
        """Apply a push or a repository's new address, if it is about a repository of this provider."""
        told = event.payload["repository"]
        workspace, _, slug = told["full_name"].partition("/")
        if workspace != self._config.workspace:
            return False
        former = _former_url(event.payload)
        if event.topic == "bitbucketCloud.repo:updated" and former is None:
            return False
        path = self._config.catalog_path
        if not path.startswith("/") or any(sign in path for sign in WILDCARDS):
            # There may be several files in a repository, and no request but a search finds them.
            return True
        self._on_change(slug, former, connection)
        return False

    def _on_change(self, slug: str, former: str | None, connection: EntityProviderConnection) -> None:
        path = self._config.catalog_path.removeprefix("/")
        with new_client() as client:
            workspace = self._workspace(client)
            repository = workspace.repository(slug)
            if repository is None:
                return
            wanted = self._config.wants(repository.project_key, repository.slug)
            is_there = wanted and workspace.has_file(repository, path)
        url = repository.file_url(path)
        added = [self._file(url, repository)] if is_there else []
        removed = [] if is_there else [ref_of_file(url)]
        if former is not None and former != repository.url:
            removed.append(ref_of_file(repository._replace(url=former).file_url(path)))
        connection.apply_delta_mutation(added=added, removed=removed)
        if is_there:
            # A push doesn't say which files it changed.
            connection.refresh([f"url:{url}"])

    def _files(self, workspace: Workspace) -> Iterator[FoundFile]:
        path = self._config.catalog_path
        if not self._config.by_project:
            yield from self._counted(workspace.files(path), "the workspace; set level to project")
            return
        for key in workspace.projects():
            if self._config.wants_project(key):
                yield from self._counted(workspace.files(path, project=key), f"the project {key}")

    def _counted(self, files: Iterator[FoundFile], of: str) -> Iterator[FoundFile]:
        """Pass files on, and warn if there may be more of them than are found."""
        repositories = set()
        for file in files:
            repositories.add(file.repository.slug)
            yield file
        if len(repositories) >= SEARCH_LIMIT:
            log.warning(
                "Bitbucket's code search finds no more repositories: there may be others",
                provider=self.name,
                of=of,
                found=len(repositories),
            )

    def _workspace(self, client: Client) -> Workspace:
        integrations = scm_integrations().bitbucket_cloud
        integration = configured_host(
            integrations, BitbucketCloudIntegration, BitbucketCloudIntegration.public_host, self.name
        )
        return Workspace(client, integration, self._config.workspace)

    def _file(self, url: str, repository: Repository) -> DeferredEntity:
        return found_file(
            url, provider=self.name, presence="required", annotations={ANNOTATION_REPO_URL: repository.url}
        )


def _former_url(payload: dict[str, Any]) -> str | None:
    """Return where a repository was before, None if it hasn't moved."""
    links = (payload.get("changes") or {}).get("links") or {}
    former: str | None = ((links.get("old") or {}).get("html") or {}).get("href")
    return former


def configured_providers() -> list[BitbucketCloudEntityProvider]:
    """Return a provider for each id. Raises ``ConfigError`` for the first mistake."""
    return [BitbucketCloudEntityProvider(config) for config in read_configs()]
