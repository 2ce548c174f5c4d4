"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog.modules.provider_config import pattern_of, provider_configs, schedule_of
from portal.config import Config, Key, Section

LEVELS = ("workspace", "project")


class BitbucketCloudProvidersConf(Section):
    """Catalog files in Bitbucket Cloud's repositories, with the module `apps.catalog.modules.bitbucket_cloud`."""

    prefix = "catalog.providers"

    bitbucket_cloud = Key.json(
        "bitbucketCloud",
        default={},
        help="One provider, or a map of ids to providers: `{workspace, catalogPath, filters: {projectKey, repoSlug}, "
        "level, schedule: {frequency, timeout, initialDelay, scope}}`. Filters are regular expressions that match "
        "anywhere. `level` says how Bitbucket's code search, which finds 900 repositories at most, is asked: once for "
        "the `workspace`, the default, or once for each `project`. Without a `schedule` it runs every 30 minutes.",
    )


conf = BitbucketCloudProvidersConf()


@dataclass(frozen=True)
class BitbucketCloudProviderConfig:
    """One provider's section."""

    id: str
    workspace: str
    #: As it is written; with a slash at its start it is a path from the repository's root.
    catalog_path: str
    project_key: re.Pattern[str] | None
    repo_slug: re.Pattern[str] | None
    by_project: bool
    schedule: Mapping[str, Any]

    @classmethod
    def read(cls, id: str, entry: Config) -> BitbucketCloudProviderConfig:
        """Read a section. Raises ``ConfigError`` for the first mistake in it."""
        level = entry.get_str("level", "workspace")
        if level not in LEVELS:
            raise entry.error("level", f"must be {' or '.join(LEVELS)}; found '{level}'.")
        path = entry.get_str("catalogPath", "/catalog-info.yaml")
        if path.endswith("/") or re.search(r'[\s"]', path):
            raise entry.error("catalogPath", "must name a file, without quotation marks or white space in its path.")
        return cls(
            id=id,
            workspace=entry.get_str("workspace"),
            catalog_path=path,
            project_key=pattern_of(entry, "filters.projectKey"),
            repo_slug=pattern_of(entry, "filters.repoSlug"),
            by_project=level == "project",
            schedule=schedule_of(entry),
        )

    def wants(self, project_key: str, slug: str) -> bool:
        """Say whether the filters let a repository through."""
        return self.wants_project(project_key) and (self.repo_slug is None or self.repo_slug.search(slug) is not None)

    def wants_project(self, key: str) -> bool:
        """Say whether the filters let a project through."""
        return self.project_key is None or self.project_key.search(key) is not None


def read_configs() -> list[BitbucketCloudProviderConfig]:
    """Return the configured providers."""
    found = provider_configs(conf.config.child("catalog.providers.bitbucketCloud"), single_if=("workspace",))
    return [BitbucketCloudProviderConfig.read(name, entry) for name, entry in found]
