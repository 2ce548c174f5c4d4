"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog.modules.provider_config import provider_configs, schedule_of
from portal.config import Config, Key, Section


class GiteaProvidersConf(Section):
    """Catalog files in Gitea's repositories, with the module `apps.catalog.modules.gitea`."""

    prefix = "catalog.providers"

    gitea = Key.json(
        "gitea",
        default={},
        help="A map of ids to providers: `{host, organization, branch, catalogPath, schedule: {frequency, timeout, "
        "initialDelay, scope}}`. Without a `branch` each repository's default branch is read; without a `schedule` it "
        "runs every 30 minutes.",
    )


conf = GiteaProvidersConf()


@dataclass(frozen=True)
class GiteaProviderConfig:
    """One provider's section."""

    id: str
    host: str
    organization: str
    #: None: each repository's default branch.
    branch: str | None
    #: Without a slash at its start.
    catalog_path: str
    schedule: Mapping[str, Any]

    @classmethod
    def read(cls, id: str, entry: Config) -> GiteaProviderConfig:
        """Read a section. Raises ``ConfigError`` for the first mistake in it."""
        path = entry.get_str("catalogPath", "catalog-info.yaml").removeprefix("/")
        if "*" in path:
            raise entry.error("catalogPath", "must name one file: Gitea can't be asked for files by wildcards.")
        return cls(
            id=id,
            host=entry.get_str("host"),
            organization=entry.get_str("organization"),
            branch=entry.get_str("branch", None),
            catalog_path=path,
            schedule=schedule_of(entry),
        )


def read_configs() -> list[GiteaProviderConfig]:
    """Return the configured providers."""
    found = provider_configs(conf.config.child("catalog.providers.gitea"))
    return [GiteaProviderConfig.read(name, entry) for name, entry in found]
