"""What ``catalog.providers.gitlab`` says, for discovery and for users and groups alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog.modules.provider_config import compiled, pattern_of, provider_configs, schedule_of
from portal.config import Config, Key, Section

RELATIONS = {"DIRECT", "INHERITED", "DESCENDANTS", "SHARED_FROM_GROUPS"}


class GitlabProvidersConf(Section):
    """What is read from GitLab: catalog files with the module `apps.catalog.modules.gitlab`, users and groups with
    `apps.catalog.modules.gitlab_org`.
    """

    prefix = "catalog.providers"

    gitlab = Key.json(
        "gitlab",
        default={},
        help="A map of ids to providers. For both: `{host, group, groupPattern, schedule: {frequency, timeout, "
        "initialDelay, scope}}`. For catalog files: `{branch, fallbackBranch, entityFilename, projectPattern, "
        "skipForkedRepos, includeArchivedRepos, excludeRepos, excludeGroups, membership, topics}`. For users and "
        "groups: `{orgEnabled, userPattern, restrictUsersToGroup, relations, allowInherited, "
        "includeUsersWithoutSeat}`. Patterns are regular expressions that match anywhere; `groupPattern` may be a "
        "list. Without a `schedule` it runs every 30 minutes.",
    )


conf = GitlabProvidersConf()


@dataclass(frozen=True)
class GitlabProviderConfig:
    """One provider's section."""

    id: str
    host: str
    #: A group with its parents; empty: everything that may be seen.
    group: str
    #: Empty: all.
    group_patterns: tuple[re.Pattern[str], ...]
    schedule: Mapping[str, Any]

    branch: str | None
    fallback_branch: str
    filename: str
    project_pattern: re.Pattern[str] | None
    skip_forks: bool
    include_archived: bool
    exclude_repos: frozenset[str]
    exclude_groups: tuple[str, ...]
    membership: bool
    topics: str | None

    org_enabled: bool
    user_pattern: re.Pattern[str] | None
    restrict_users: bool
    #: How people may belong to a group, directly or otherwise.
    relations: frozenset[str]
    users_without_seat: bool

    @classmethod
    def read(cls, id: str, entry: Config) -> GitlabProviderConfig:
        """Read a section. Raises ``ConfigError`` for the first mistake in it."""
        relations = frozenset(entry.get_strings("relations", []))
        if unknown := relations - RELATIONS:
            raise entry.error("relations", f"may name {', '.join(sorted(RELATIONS))}; found '{min(unknown)}'.")
        if entry.get_bool("allowInherited", False):
            relations |= {"INHERITED"}
        patterns = entry.get("groupPattern", [])
        if not isinstance(patterns, list):
            patterns = [entry.get_str("groupPattern")]
        else:
            patterns = entry.get_strings("groupPattern", [])
        return cls(
            id=id,
            host=entry.get_str("host"),
            group=entry.get_str("group", "").strip("/"),
            group_patterns=tuple(compiled(entry, "groupPattern", text) for text in patterns),
            schedule=schedule_of(entry),
            branch=entry.get_str("branch", None),
            fallback_branch=entry.get_str("fallbackBranch", "master"),
            filename=entry.get_str("entityFilename", "catalog-info.yaml").removeprefix("/"),
            project_pattern=pattern_of(entry, "projectPattern"),
            skip_forks=entry.get_bool("skipForkedRepos", False),
            include_archived=entry.get_bool("includeArchivedRepos", False),
            exclude_repos=frozenset(entry.get_strings("excludeRepos", [])),
            exclude_groups=tuple(entry.get_strings("excludeGroups", [])),
            membership=entry.get_bool("membership", False),
            topics=entry.get_str("topics", None),
            org_enabled=entry.get_bool("orgEnabled", False),
            user_pattern=pattern_of(entry, "userPattern"),
            restrict_users=entry.get_bool("restrictUsersToGroup", False),
            relations=relations,
            users_without_seat=entry.get_bool("includeUsersWithoutSeat", False),
        )

    def wants_group(self, full_path: str) -> bool:
        """Say whether a group's path fits one of the patterns, if there are any."""
        return not self.group_patterns or any(pattern.search(full_path) for pattern in self.group_patterns)


def read_configs() -> list[GitlabProviderConfig]:
    """Return the configured providers."""
    found = provider_configs(conf.config.child("catalog.providers.gitlab"))
    return [GitlabProviderConfig.read(name, entry) for name, entry in found]
