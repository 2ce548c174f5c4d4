"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog.modules.provider_config import provider_configs, schedule_of
from portal.config import Config, Key, Section


class GerritProvidersConf(Section):
    """Catalog files in Gerrit's projects, with the module `apps.catalog.modules.gerrit`."""

    prefix = "catalog.providers"

    gerrit = Key.json(
        "gerrit",
        default={},
        help="A map of ids to providers: `{host, query, branch, catalogPath, schedule: {frequency, timeout, "
        "initialDelay, scope}}`. `query` is that of a URL of Gerrit's list of projects: `state=ACTIVE&prefix=web/`. "
        "Without a `branch` it is the one that each project's HEAD points at; `catalogPath` may hold wildcards. "
        "Without a `schedule` it runs every 30 minutes.",
    )


conf = GerritProvidersConf()


@dataclass(frozen=True)
class GerritProviderConfig:
    """One provider's section."""

    id: str
    host: str
    #: As it stands in a URL after the question mark.
    query: str
    #: None: what each project's HEAD points at.
    branch: str | None
    #: Without a slash at its start.
    catalog_path: str
    schedule: Mapping[str, Any]

    @classmethod
    def read(cls, id: str, entry: Config) -> GerritProviderConfig:
        """Read a section. Raises ``ConfigError`` for the first mistake in it."""
        return cls(
            id=id,
            host=entry.get_str("host"),
            query=entry.get_str("query").removeprefix("?"),
            branch=entry.get_str("branch", None),
            catalog_path=entry.get_str("catalogPath", "catalog-info.yaml").removeprefix("/"),
            schedule=schedule_of(entry),
        )


def read_configs() -> list[GerritProviderConfig]:
    """Return the configured providers."""
    found = provider_configs(conf.config.child("catalog.providers.gerrit"))
    return [GerritProviderConfig.read(name, entry) for name, entry in found]
