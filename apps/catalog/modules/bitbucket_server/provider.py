"""The provider, one for each configured id."""

from __future__ import annotations

from collections.abc import Iterator

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.bitbucket_server.conf import BitbucketServerProviderConfig, read_configs
from apps.catalog.modules.bitbucket_server.repositories import BitbucketServer, Repository
from apps.catalog.modules.locations import found_file
from apps.catalog.modules.parallel import in_parallel
from apps.catalog.modules.rest_api import configured_host
from portal.http_client import new_client
from portal.integrations import BitbucketServerIntegration, scm_integrations
from portal.integrations.urls import encoded
from portal.services import logger
from portal.services.events import Event

log = logger.for_plugin("catalog")

#: Bitbucket Server's repositories bear it, too.
ANNOTATION_DEFAULT_BRANCH = "bitbucket.org/default-branch"


class BitbucketServerEntityProvider(ScheduledEntityProvider):
    """Keeps a Location for each wanted repository, and hears of pushes."""

    topics = ("bitbucketServer.repo:refs_changed",)

    def __init__(self, config: BitbucketServerProviderConfig) -> None:
        """Get ready. Raises ``ConfigError`` if the host isn't among the integrations."""
        self.name = f"bitbucketServer-provider:{config.id}"
        self.schedule = config.schedule
        self._config = config
        self._integration()

    def refresh(self, connection: EntityProviderConnection) -> None:
        """Read all wanted projects, and apply what is there once everything is read."""
        with new_client() as client:
            server = BitbucketServer(client, self._integration())
            found = [
                self._file(repository, branch)
                for repository, branch in in_parallel(server.default_branch, self._wanted(server))
            ]
        connection.apply_full_mutation(found)
        log.info("Looked through a Bitbucket Server", provider=self.name, files=len(found))

    def on_event(self, event: Event, connection: EntityProviderConnection) -> bool:
        """Apply a push to a default branch."""
        told = event.payload["repository"]
        project, slug = told["project"]["key"], told["slug"]
        if not self._config.wants_project(project):
            return False
        with new_client() as client:
            server = BitbucketServer(client, self._integration())
            repository = server.repository(project, slug)
            if repository is None or not self._wants(repository):
                return False
            branch = server.default_branch(repository)
        if any(change["ref"]["displayId"] == branch for change in event.payload["changes"]):
            connection.apply_delta_mutation(added=[self._file(repository, branch)])
            connection.refresh([f"url:{self._file_url(repository)}"])
        return False

    def _integration(self) -> BitbucketServerIntegration:
        configured = scm_integrations().bitbucket_server
        return configured_host(configured, BitbucketServerIntegration, self._config.host, self.name)

    def _wanted(self, server: BitbucketServer) -> Iterator[Repository]:
        for project in filter(self._config.wants_project, server.projects()):
            yield from filter(self._wants, server.repositories(project))

    def _wants(self, repository: Repository) -> bool:
        return self._config.wants_repository(repository.slug, archived=repository.archived)

    def _file_url(self, repository: Repository) -> str:
        return f"{repository.url}{encoded(self._config.catalog_path)}"

    def _file(self, repository: Repository, branch: str | None) -> DeferredEntity:
        annotations = {ANNOTATION_DEFAULT_BRANCH: branch} if branch is not None else {}
        return found_file(self._file_url(repository), provider=self.name, annotations=annotations)


def configured_providers() -> list[BitbucketServerEntityProvider]:
    """Return a provider for each id. Raises ``ConfigError`` for the first mistake."""
    return [BitbucketServerEntityProvider(config) for config in read_configs()]
