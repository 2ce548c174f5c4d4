"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog.modules.github_api import page_size_of
from apps.catalog.modules.provider_config import pattern_of, provider_configs, schedule_of
from portal.config import Config, Key, Section

VISIBILITIES = ("private", "internal", "public")


class GithubProvidersConf(Section):
    """Catalog files in GitHub's repositories, with the module `apps.catalog.modules.github`."""

    prefix = "catalog.providers"

    github = Key.json(
        "github",
        default={},
        help="One provider, or a map of ids to providers: `{organization | app, host, catalogPath, filters: {branch, "
        "repository, topic: {include, exclude}, allowForks, visibility, allowArchived}, validateLocationsExist, "
        "pageSizes: {repositories}, schedule: {frequency, timeout, initialDelay, scope}}`. `organization` may be a "
        "user, too; `app` is the id of a GitHub App, for all accounts that it is installed for. `catalogPath` may hold "
        "wildcards, `repository` is a regular expression for the whole name. Without a `schedule` it runs every 30 "
        "minutes.",
    )


conf = GithubProvidersConf()


@dataclass(frozen=True)
class GithubProviderConfig:
    """One provider's section."""

    id: str
    host: str
    #: One of the two is there.
    organization: str | None
    app: int | None
    #: Without a slash at its start.
    catalog_path: str
    branch: str | None
    repository: re.Pattern[str] | None
    include_topics: frozenset[str]
    exclude_topics: frozenset[str]
    allow_forks: bool
    allow_archived: bool
    #: In lower case; empty: all.
    visibility: frozenset[str]
    validate_locations: bool
    page_size: int
    schedule: Mapping[str, Any]

    @classmethod
    def read(cls, id: str, entry: Config) -> GithubProviderConfig:
        """Read a section. Raises ``ConfigError`` for the first mistake in it."""
        app = entry.get_int("app", None)
        if (app is None) is not entry.has("organization"):
            raise entry.error("", "must have an organization or an app, and not both.")
        path = entry.get_str("catalogPath", "/catalog-info.yaml")
        validate = entry.get_bool("validateLocationsExist", False)
        if validate and "*" in path:
            raise entry.error(
                "validateLocationsExist", "can't be true with wildcards in catalogPath. Name one file, or set it false."
            )
        visibility = frozenset(one.lower() for one in entry.get_strings("filters.visibility", []))
        if unknown := visibility - set(VISIBILITIES):
            raise entry.error("filters.visibility", f"may name {', '.join(VISIBILITIES)}; found '{min(unknown)}'.")
        return cls(
            id=id,
            host=entry.get_str("host", "github.com"),
            organization=entry.get_str("organization", None),
            app=app,
            catalog_path=path.removeprefix("/"),
            branch=entry.get_str("filters.branch", None),
            repository=pattern_of(entry, "filters.repository", whole=True),
            include_topics=frozenset(entry.get_strings("filters.topic.include", [])),
            exclude_topics=frozenset(entry.get_strings("filters.topic.exclude", [])),
            allow_forks=entry.get_bool("filters.allowForks", True),
            allow_archived=entry.get_bool("filters.allowArchived", False),
            visibility=visibility,
            validate_locations=validate,
            page_size=page_size_of(entry, "pageSizes.repositories", 25),
            schedule=schedule_of(entry),
        )


def read_configs() -> list[GithubProviderConfig]:
    """Return the configured providers."""
    section = conf.config.child("catalog.providers.github")
    found = provider_configs(section, single_if=("organization", "app"))
    return [GithubProviderConfig.read(name, entry) for name, entry in found]
