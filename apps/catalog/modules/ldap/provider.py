"""The provider, one for each configured id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.ldap.conf import EntriesConfig, LdapProviderConfig, read_configs
from apps.catalog.modules.ldap.entities import ANNOTATION_DN, default_group_transformer, default_user_transformer
from apps.catalog.modules.ldap.extension_points import LdapTransforms, Transformer, VendorChooser
from apps.catalog.modules.ldap.relations import Links, Told, relate
from apps.catalog.modules.ldap.vendors import LdapEntry, LdapVendor, vendor_of
from apps.catalog.modules.organization import annotation, each_once, with_location
from portal.entities import Entity
from portal.errors import ConfigError
from portal.extras import install_command
from portal.services import logger

if TYPE_CHECKING:
    from apps.catalog.modules.ldap.directory import Directory

log = logger.for_plugin("catalog")


class LdapOrgEntityProvider(ScheduledEntityProvider):
    """Keeps a User for each person and a Group for each group of a directory."""

    def __init__(self, config: LdapProviderConfig, transforms: LdapTransforms) -> None:
        """Get ready. Raises ``ConfigError`` without the package that speaks LDAP."""
        self.name = f"LdapOrgEntityProvider:{config.id}"
        self.schedule = config.schedule
        self._config = config
        self._transforms = transforms
        try:
            import ldap3  # noqa: F401
        except ImportError as error:
            raise ConfigError(
                f"{config.key} needs the package ldap3: {install_command('ldap')}.", cause=error
            ) from error

    def refresh(self, connection: EntityProviderConnection) -> None:
        """Read users and groups, and apply what is there once everything is read."""
        from apps.catalog.modules.ldap.directory import connected

        told = Told()
        with connected(self._config) as directory:
            vendor = self._vendor(directory.root())
            users = self._once(self._users(directory, vendor, told))
            groups = self._once(self._groups(directory, vendor, told))
        relate(users, groups, told)
        connection.apply_full_mutation(self._deferred(entity) for entity in [*users.values(), *groups.values()])
        log.info("Read a directory", provider=self.name, users=len(users), groups=len(groups))

    def _users(self, directory: Directory, vendor: LdapVendor, told: Told) -> Iterable[Entity]:
        transform = self._transforms.users.for_provider(self._config.id, default_user_transformer)
        for wanted in self._config.users:
            for entry, entity in _made(directory, vendor, wanted, transform):
                _link(told.groups_of_users, vendor, entry, wanted.map["memberOf"])
                yield entity

    def _groups(self, directory: Directory, vendor: LdapVendor, told: Told) -> Iterable[Entity]:
        transform = self._transforms.groups.for_provider(self._config.id, default_group_transformer)
        for wanted in self._config.groups:
            for entry, entity in _made(directory, vendor, wanted, transform):
                _link(told.groups_of_groups, vendor, entry, wanted.map["memberOf"])
                _link(told.members, vendor, entry, wanted.map["members"])
                yield entity

    def _once(self, entities: Iterable[Entity]) -> dict[str, Entity]:
        return each_once(entities, provider=self.name, place=lambda entity: annotation(entity, ANNOTATION_DN))

    def _vendor(self, root: LdapEntry) -> LdapVendor:
        def as_known(root: LdapEntry, known: LdapVendor) -> LdapVendor:
            return known

        config = self._config
        choose: VendorChooser = self._transforms.vendors.for_provider(config.id, as_known)
        vendor = choose(root, vendor_of(root, config.host))
        return replace(
            vendor,
            dn_attribute=config.dn_attribute or vendor.dn_attribute,
            uuid_attribute=config.uuid_attribute or vendor.uuid_attribute,
        )

    def _deferred(self, entity: Entity) -> DeferredEntity:
        place = quote(annotation(entity, ANNOTATION_DN) or entity["metadata"]["name"], safe="!'()*~")
        placed = with_location(entity, f"ldap://{self._config.id}/{place}")
        return DeferredEntity(placed, f"ldap-org-provider:{self._config.id}")


def _made(
    directory: Directory, vendor: LdapVendor, wanted: EntriesConfig, transform: Transformer
) -> Iterable[tuple[LdapEntry, Entity]]:
    for entry in directory.entries(wanted):
        entity = transform(vendor, wanted, entry)
        if entity is not None:
            yield entry, entity


def _link(links: Links, vendor: LdapVendor, entry: LdapEntry, attribute: str | None) -> None:
    if names := vendor.texts(entry, attribute):
        links.append((vendor.dn(entry), names))


def configured_providers(transforms: LdapTransforms) -> list[LdapOrgEntityProvider]:
    """Return a provider for each id. Raises ``ConfigError`` for the first mistake."""
    return [LdapOrgEntityProvider(config, transforms) for config in read_configs()]
