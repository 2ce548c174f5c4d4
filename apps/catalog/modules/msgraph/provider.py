"""The provider, one for each configured id."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.msgraph.conf import MicrosoftGraphConfig, read_configs
from apps.catalog.modules.msgraph.entities import (
    ANNOTATION_GROUP,
    ANNOTATION_TENANT,
    ANNOTATION_USER,
    default_group_transformer,
    default_organization_transformer,
    default_user_transformer,
)
from apps.catalog.modules.msgraph.extension_points import ConfigTransformer, MicrosoftGraphTransforms
from apps.catalog.modules.msgraph.graph import Graph, new_client
from apps.catalog.modules.msgraph.people import Members, relate, wanted_groups, wanted_users
from apps.catalog.modules.organization import annotation, each_once, with_location
from portal.entities import Entity
from portal.services import logger

log = logger.for_plugin("catalog")

IDS = (ANNOTATION_USER, ANNOTATION_GROUP, ANNOTATION_TENANT)


class MicrosoftGraphOrgEntityProvider(ScheduledEntityProvider):
    """Keeps a User for each user, a Group for each group, and one for the organisation above them."""

    def __init__(self, config: MicrosoftGraphConfig, transforms: MicrosoftGraphTransforms) -> None:
        """Get ready. Nobody is asked yet."""
        self.name = f"MicrosoftGraphOrgEntityProvider:{config.id}"
        self.schedule = config.schedule
        self._config = config
        self._transforms = transforms

    def refresh(self, connection: EntityProviderConnection) -> None:
        """Read users, groups and members, and apply what is there once everything is read."""
        adapt: ConfigTransformer = self._transforms.configs.for_provider(self._config.id, _as_configured)
        config, members = adapt(self._config), Members()
        with new_client() as client:
            graph = Graph(client, config)
            users = self._once(self._users(graph, config))
            groups = self._once(self._groups(graph, config, members))
        relate(users, groups, members)
        connection.apply_full_mutation(self._deferred(entity) for entity in [*users.values(), *groups.values()])
        log.info("Read users and groups of Microsoft Graph", provider=self.name, users=len(users), groups=len(groups))

    def _users(self, graph: Graph, config: MicrosoftGraphConfig) -> Iterable[Entity]:
        transform = self._transforms.users.for_provider(config.id, default_user_transformer)
        made = (transform(user, photo) for user, photo in wanted_users(graph, config))
        return (entity for entity in made if entity is not None)

    def _groups(self, graph: Graph, config: MicrosoftGraphConfig, members: Members) -> Iterable[Entity]:
        organize = self._transforms.organizations.for_provider(config.id, default_organization_transformer)
        transform = self._transforms.groups.for_provider(config.id, default_group_transformer)
        root = organize(graph.organization())
        groups = wanted_groups(graph, config, lambda group: transform(group, None), members)
        return groups if root is None else [root, *groups]

    def _once(self, entities: Iterable[Entity]) -> dict[str, Entity]:
        return each_once(entities, provider=self.name, place=_id)

    def _deferred(self, entity: Entity) -> DeferredEntity:
        place = quote(_id(entity), safe="!'()*~")
        placed = with_location(entity, f"msgraph:{self._config.id}/{place}")
        return DeferredEntity(placed, f"msgraph-org-provider:{self._config.id}")


def _id(entity: Entity) -> str:
    """Return the id that Microsoft Graph has for what became an entity; its name if it bears none."""
    return next(filter(None, (annotation(entity, name) for name in IDS)), str(entity["metadata"]["name"]))


def _as_configured(config: MicrosoftGraphConfig) -> MicrosoftGraphConfig:
    return config


def configured_providers(transforms: MicrosoftGraphTransforms) -> list[MicrosoftGraphOrgEntityProvider]:
    """Return a provider for each id. Raises ``ConfigError`` for the first mistake."""
    return [MicrosoftGraphOrgEntityProvider(config, transforms) for config in read_configs()]
