"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class MicrosoftGraphOrgModule(ModuleConfig):
    """Brings the users and groups of Microsoft Entra ID."""

    name = "apps.catalog.modules.msgraph"
    label = "catalog_msgraph"
    plugin_id = "catalog"
    module_id = "msgraph"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add a provider for each one that is configured."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.msgraph.extension_points import MicrosoftGraphTransforms
        from apps.catalog.modules.msgraph.provider import configured_providers

        points[CatalogProcessing].add_entity_provider(*configured_providers(points[MicrosoftGraphTransforms]))
