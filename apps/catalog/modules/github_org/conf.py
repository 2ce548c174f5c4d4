"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog.modules.github_api import page_size_of
from apps.catalog.modules.provider_config import schedule_of
from portal.config import Config, Key, Section
from portal.integrations.urls import host_of


class GithubOrgProvidersConf(Section):
    """Users and teams of GitHub organisations, with the module `apps.catalog.modules.github_org`."""

    prefix = "catalog.providers"

    github_org = Key.json(
        "githubOrg",
        help="One provider or a list of them: `{id, githubUrl, orgs, excludeSuspendedUsers, pageSizes: {teams, "
        "teamMembers, organizationMembers}, defaultUserTransformer: {useVerifiedEmails}, schedule: {frequency, "
        "timeout, initialDelay, scope}}`. Without `orgs` it reads all organisations that a GitHub App is installed "
        "for. Groups are in a namespace named after their organisation, unless a single provider reads a single one. "
        "Without a `schedule` it runs every 30 minutes.",
    )


conf = GithubOrgProvidersConf()


@dataclass(frozen=True)
class GithubOrgConfig:
    """One provider's section."""

    id: str
    host: str
    #: Empty: all that an app is installed for.
    orgs: tuple[str, ...]
    #: Whether groups are in the default namespace.
    default_namespace: bool
    exclude_suspended: bool
    verified_emails: bool
    teams_page: int
    team_members_page: int
    members_page: int
    schedule: Mapping[str, Any]

    @classmethod
    def read(cls, entry: Config, *, alone: bool) -> GithubOrgConfig:
        """Read a section; ``alone`` says that it is the only one. Raises ``ConfigError`` for the first mistake."""
        host = host_of(entry.get_str("githubUrl"))
        if not host:
            raise entry.error("githubUrl", "must be a URL with a host, such as https://github.com.")
        orgs = tuple(entry.get_strings("orgs", []))
        return cls(
            id=entry.get_str("id"),
            host=host,
            orgs=orgs,
            default_namespace=alone and len(orgs) == 1,
            exclude_suspended=entry.get_bool("excludeSuspendedUsers", False),
            verified_emails=entry.get_bool("defaultUserTransformer.useVerifiedEmails", False),
            teams_page=page_size_of(entry, "pageSizes.teams", 25),
            team_members_page=page_size_of(entry, "pageSizes.teamMembers", 50),
            members_page=page_size_of(entry, "pageSizes.organizationMembers", 50),
            schedule=schedule_of(entry),
        )


def read_configs() -> list[GithubOrgConfig]:
    """Return the configured providers."""
    path = "catalog.providers.githubOrg"
    value = conf.github_org
    if value is None:
        return []
    entries = conf.config.children(path) if isinstance(value, list) else [conf.config.child(path)]
    return [GithubOrgConfig.read(entry, alone=len(entries) == 1) for entry in entries]
