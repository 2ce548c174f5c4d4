"""The provider, one for each configured id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.github_api import GitHubApi, installed_accounts, integration_for, new_client
from apps.catalog.modules.github_org.conf import GithubOrgConfig, read_configs
from apps.catalog.modules.github_org.entities import group_entity, group_ref, membership, user_entity, user_ref
from apps.catalog.modules.github_org.people import all_members, all_teams, one_member, one_team
from portal.entities import Entity
from portal.errors import NotFoundError
from portal.http_client import Client
from portal.services import logger
from portal.services.events import Event

log = logger.for_plugin("catalog")

#: Changes after which nothing less than another look at everything will do.
LARGE = {
    "github.team": {"created", "edited", "deleted"},
    "github.installation": {"created", "deleted", "suspend", "unsuspend"},
}


class GithubOrgEntityProvider(ScheduledEntityProvider):
    """Keeps a User for each member and a Group for each team, and hears of who comes and goes."""

    topics = ("github.installation", "github.membership", "github.organization", "github.team")

    def __init__(self, config: GithubOrgConfig) -> None:
        """Get ready. Raises ``ConfigError`` if the host isn't among the integrations."""
        self.name = f"GithubMultiOrgEntityProvider:{config.id}"
        self.schedule = config.schedule
        self._config = config
        self._key = f"github-multi-org-provider:{config.id}"
        integration_for(config.host, self.name)

    def refresh(self, connection: EntityProviderConnection) -> None:
        """Read all organisations, and apply what is there once everything is read."""
        config = self._config
        members: dict[str, dict[str, Any]] = {}
        member_of: dict[str, list[str]] = {}
        groups: list[Entity] = []
        with new_client() as client:
            for org in self._orgs():
                api = self._api(client, org)
                try:
                    found = {member["login"]: member for member in all_members(api, config)}
                except NotFoundError:
                    if config.orgs:
                        raise
                    # The app is installed for a user, who has no members.
                    continue
                members = {**found, **members}
                for team in all_teams(api, config):
                    groups.append(group_entity(team, org=org, config=config))
                    for login in team["logins"]:
                        member_of.setdefault(login, []).append(membership(org, team["slug"], config))
        users = [
            user_entity(node, member_of=member_of.get(login, ()), config=config) for login, node in members.items()
        ]
        connection.apply_full_mutation(self._deferred([*users, *groups]))
        log.info("Read GitHub's organisations", provider=self.name, users=len(users), groups=len(groups))

    def on_event(self, event: Event, connection: EntityProviderConnection) -> bool:
        """Apply a member's coming or going; larger changes take a run."""
        payload, action = event.payload, event.payload.get("action")
        account = payload.get("organization") or (payload.get("installation") or {}).get("account") or {}
        org = str(account.get("login", ""))
        if action in LARGE.get(event.topic, ()):
            return self._is_mine(org)
        if event.topic == "github.membership" and self._is_mine(org):
            self._update(connection, login=payload["member"]["login"], org=org, slug=payload["team"].get("slug"))
        elif action in {"member_added", "member_removed"} and self._is_mine(org):
            self._update(connection, login=payload["membership"]["user"]["login"], org=org, slug=None)
        return False

    def _update(self, connection: EntityProviderConnection, *, login: str, org: str, slug: str | None) -> None:
        """Look at one user again, in all organisations, and at one team."""
        config = self._config
        node: dict[str, Any] | None = None
        member_of: list[str] = []
        added, removed = [], []
        with new_client() as client:
            for own in self._orgs():
                found = one_member(self._api(client, own), config, login)
                if found is not None:
                    node = node or found[0]
                    member_of += [membership(own, one, config) for one in found[1]]
            if node is None:
                removed.append(user_ref(login))
            else:
                added.append(user_entity(node, member_of=member_of, config=config))
            if slug is not None:
                org = self._spelled(org)
                team = one_team(self._api(client, org), config, slug)
                if team is None:
                    removed.append(group_ref(org, slug, config))
                else:
                    added.append(group_entity(team, org=org, config=config))
        connection.apply_delta_mutation(added=self._deferred(added), removed=removed)

    def _orgs(self) -> Sequence[str]:
        return self._config.orgs or tuple(installed_accounts(integration_for(self._config.host, self.name)))

    def _is_mine(self, org: str) -> bool:
        return org.lower() in (own.lower() for own in self._orgs())

    def _spelled(self, org: str) -> str:
        """Return an organisation's name as a full run writes it, so that both make the same entity."""
        return next((own for own in self._orgs() if own.lower() == org.lower()), org)

    def _api(self, client: Client, org: str) -> GitHubApi:
        return GitHubApi(client, integration_for(self._config.host, self.name), org)

    def _deferred(self, entities: Sequence[Entity]) -> list[DeferredEntity]:
        return [DeferredEntity(entity, self._key) for entity in entities]


def configured_providers() -> list[GithubOrgEntityProvider]:
    """Return a provider for each id. Raises ``ConfigError`` for the first mistake."""
    return [GithubOrgEntityProvider(config) for config in read_configs()]
