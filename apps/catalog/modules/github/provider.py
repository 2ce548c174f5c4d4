"""The provider, one for each configured id."""

from __future__ import annotations

from collections.abc import Iterable

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.github.conf import GithubProviderConfig, read_configs
from apps.catalog.modules.github.repositories import all_repositories, file_url, is_wanted, one_repository
from apps.catalog.modules.github.webhooks import Push, RepositoryNews
from apps.catalog.modules.github_api import GitHubApi, installed_accounts, integration_for, new_client
from apps.catalog.modules.locations import found_file, ref_of_file, refresh_keys_of
from portal.integrations import GitHubIntegration
from portal.services import logger
from portal.services.events import Event

log = logger.for_plugin("catalog")


class GithubEntityProvider(ScheduledEntityProvider):
    """Keeps a Location for each wanted repository, and hears of pushes and of repositories that come and go."""

    topics = ("github.push", "github.repository")

    def __init__(self, config: GithubProviderConfig) -> None:
        """Get ready. Raises ``ConfigError`` if the host isn't among the integrations."""
        self.name = f"github-provider:{config.id}"
        self.schedule = config.schedule
        self._config = config
        integration_for(config.host, self.name)

    def refresh(self, connection: EntityProviderConnection) -> None:
        """Read all accounts, and apply what is there once everything is read."""
        scanned = 0
        found: list[DeferredEntity] = []
        with new_client() as client:
            for account in self._accounts():
                for repository in all_repositories(GitHubApi(client, self._integration, account), self._config):
                    scanned += 1
                    if is_wanted(repository, self._config):
                        found.append(self._file(file_url(self._config, repository.url, repository.default_branch)))
        connection.apply_full_mutation(found)
        log.info("Looked through GitHub's repositories", provider=self.name, scanned=scanned, wanted=len(found))

    def on_event(self, event: Event, connection: EntityProviderConnection) -> bool:
        """Apply a push or a repository's change, if it is about an account of this provider."""
        if event.topic == "github.push":
            push = Push.read(event.payload)
            if push is not None and self._is_mine(push.owner, push.repository.name, push.repository.url):
                self._on_push(push, connection)
        else:
            news = RepositoryNews.read(event.payload)
            if news is not None:
                self._on_repository(news, connection)
        return False

    @property
    def _integration(self) -> GitHubIntegration:
        return integration_for(self._config.host, self.name)

    def _accounts(self) -> Iterable[str]:
        if self._config.organization is not None:
            return [self._config.organization]
        return installed_accounts(self._integration, self._config.app)

    def _is_mine(self, owner: str, name: str, url: str) -> bool:
        # All three must agree, lest a made-up event brings in somebody else's repository.
        if not self._integration.serves(url) or self._integration.parse(url).full_name != f"{owner}/{name}":
            return False
        return owner.lower() in (account.lower() for account in self._accounts())

    def _on_push(self, push: Push, connection: EntityProviderConnection) -> None:
        config, repository = self._config, push.repository
        branch = config.branch or repository.default_branch
        if push.branch != branch or not is_wanted(repository, config):
            return
        url = file_url(config, repository.url, repository.default_branch)
        if not config.validate_locations:
            connection.apply_delta_mutation(added=[self._file(url)])
        elif config.catalog_path in push.files:
            if push.files[config.catalog_path]:
                connection.apply_delta_mutation(added=[self._file(url)])
            else:
                connection.apply_delta_mutation(removed=[ref_of_file(url)])
        changed = [file_url(config, repository.url, repository.default_branch, path) for path in push.files]
        connection.refresh(refresh_keys_of([url, *changed]))

    def _on_repository(self, news: RepositoryNews, connection: EntityProviderConnection) -> None:
        config = self._config
        gone = {ref_of_file(file_url(config, url, branch)) for url, branch in news.former}
        added = []
        if self._is_mine(news.owner, news.name, news.url):
            url = file_url(config, news.url, news.default_branch)
            if not news.deleted and self._wants(news):
                added.append(self._file(url))
            else:
                gone.add(ref_of_file(url))
        if gone or added:
            connection.apply_delta_mutation(added=added, removed=gone)

    def _wants(self, news: RepositoryNews) -> bool:
        with new_client() as client:
            repository = one_repository(GitHubApi(client, self._integration, news.owner), self._config, news.name)
        return repository is not None and is_wanted(repository, self._config)

    def _file(self, url: str) -> DeferredEntity:
        return found_file(url, provider=self.name)


def configured_providers() -> list[GithubEntityProvider]:
    """Return a provider for each id. Raises ``ConfigError`` for the first mistake."""
    return [GithubEntityProvider(config) for config in read_configs()]
