"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog.modules.provider_config import pattern_of, provider_configs, schedule_of
from portal.config import Config, Key, Section


class BitbucketServerProvidersConf(Section):
    """Catalog files in a Bitbucket Server's repositories, with the module `apps.catalog.modules.bitbucket_server`."""

    prefix = "catalog.providers"

    bitbucket_server = Key.json(
        "bitbucketServer",
        default={},
        help="One provider, or a map of ids to providers: `{host, catalogPath, filters: {projectKey, repoSlug, "
        "skipArchivedRepos}, schedule: {frequency, timeout, initialDelay, scope}}`. `projectKey` and `repoSlug` are "
        "regular expressions that match anywhere; `catalogPath` may hold wildcards. Without a `schedule` it runs every "
        "30 minutes.",
    )


conf = BitbucketServerProvidersConf()


@dataclass(frozen=True)
class BitbucketServerProviderConfig:
    """One provider's section."""

    id: str
    host: str
    #: With a slash at its start.
    catalog_path: str
    project_key: re.Pattern[str] | None
    repo_slug: re.Pattern[str] | None
    skip_archived: bool
    schedule: Mapping[str, Any]

    @classmethod
    def read(cls, id: str, entry: Config) -> BitbucketServerProviderConfig:
        """Read a section. Raises ``ConfigError`` for the first mistake in it."""
        path = entry.get_str("catalogPath", "/catalog-info.yaml")
        return cls(
            id=id,
            host=entry.get_str("host"),
            catalog_path=f"/{path.removeprefix('/')}",
            project_key=pattern_of(entry, "filters.projectKey"),
            repo_slug=pattern_of(entry, "filters.repoSlug"),
            skip_archived=entry.get_bool("filters.skipArchivedRepos", False),
            schedule=schedule_of(entry),
        )

    def wants_project(self, key: str) -> bool:
        """Say whether the filters let a project through."""
        return self.project_key is None or self.project_key.search(key) is not None

    def wants_repository(self, slug: str, *, archived: bool) -> bool:
        """Say whether the filters let a repository of such a project through."""
        return not (archived and self.skip_archived) and (
            self.repo_slug is None or self.repo_slug.search(slug) is not None
        )


def read_configs() -> list[BitbucketServerProviderConfig]:
    """Return the configured providers."""
    found = provider_configs(conf.config.child("catalog.providers.bitbucketServer"), single_if=("host",))
    return [BitbucketServerProviderConfig.read(name, entry) for name, entry in found]
