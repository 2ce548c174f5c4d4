"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class LdapOrgModule(ModuleConfig):
    """Brings the users and groups of LDAP directories."""

    name = "apps.catalog.modules.ldap"
    label = "catalog_ldap"
    plugin_id = "catalog"
    module_id = "ldap"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add a provider for each one that is configured."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.ldap.extension_points import LdapTransforms
        from apps.catalog.modules.ldap.provider import configured_providers

        points[CatalogProcessing].add_entity_provider(*configured_providers(points[LdapTransforms]))
