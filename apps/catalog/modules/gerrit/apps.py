"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class GerritModule(ModuleConfig):
    """Finds catalog files in the projects of a Gerrit."""

    name = "apps.catalog.modules.gerrit"
    label = "catalog_gerrit"
    plugin_id = "catalog"
    module_id = "gerrit"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add a provider for each one that is configured."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.gerrit.provider import configured_providers

        points[CatalogProcessing].add_entity_provider(*configured_providers())
