"""The provider, one for each configured id that is enabled for users and groups."""

from __future__ import annotations

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.gitlab.conf import GitlabProviderConfig
from apps.catalog.modules.gitlab_api import GitLabApi, integration_for
from apps.catalog.modules.gitlab_org.conf import read_org_configs
from apps.catalog.modules.gitlab_org.entities import group_entity, user_entity
from apps.catalog.modules.gitlab_org.people import members_of, wanted_groups, wanted_users
from portal.http_client import new_client
from portal.services import logger
from portal.services.events import Event

log = logger.for_plugin("catalog")


class GitlabOrgDiscoveryEntityProvider(ScheduledEntityProvider):
    """Keeps a User for each user and a Group for each group, and hears of who comes and goes."""

    #: System hooks. They say too little to make an entity of, and come seldom.
    topics = (
        "gitlab.group_create",
        "gitlab.group_destroy",
        "gitlab.group_rename",
        "gitlab.user_create",
        "gitlab.user_destroy",
        "gitlab.user_add_to_group",
        "gitlab.user_remove_from_group",
        "gitlab.user_update_for_group",
    )

    def __init__(self, config: GitlabProviderConfig) -> None:
        """Get ready. Raises ``ConfigError`` if the host isn't among the integrations."""
        self.name = f"GitlabOrgDiscoveryEntityProvider:{config.id}"
        self.schedule = config.schedule
        self._config = config
        integration_for(config.host, self.name)

    def refresh(self, connection: EntityProviderConnection) -> None:
        """Read users, groups and members, and apply what is there once everything is read."""
        config, integration = self._config, integration_for(self._config.host, self.name)
        with new_client() as client:
            api = GitLabApi(client, integration)
            users = {user["id"]: user for user in wanted_users(api, config)}
            groups = {group["id"]: group for group in wanted_groups(api, config)}
            members = members_of(api, config, groups.values())
        base = integration.base_url
        entities = [
            user_entity(
                user,
                groups=[path for path, theirs in members.items() if number in theirs],
                base_url=base,
                config=config,
            )
            for number, user in users.items()
        ]
        for group in groups.values():
            parent = groups.get(group.get("parent_id") or 0)
            entities.append(group_entity(group, parent=parent, base_url=base, config=config))
        connection.apply_full_mutation(DeferredEntity(entity, self.name) for entity in entities)
        log.info("Read GitLab's users and groups", provider=self.name, users=len(users), groups=len(groups))

    def on_event(self, event: Event, connection: EntityProviderConnection) -> bool:
        """Start a run if the news is about a group of this provider, or about no group."""
        # Hooks about members name the group by its last segment, which says nothing.
        path, group = event.payload.get("full_path"), self._config.group
        return not group or not path or path.startswith(f"{group}/")


def configured_providers() -> list[GitlabOrgDiscoveryEntityProvider]:
    """Return a provider for each id that is enabled. Raises ``ConfigError`` for the first mistake."""
    return [GitlabOrgDiscoveryEntityProvider(config) for config in read_org_configs()]
