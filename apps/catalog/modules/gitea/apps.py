"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class GiteaModule(ModuleConfig):
    """Finds catalog files in the repositories of organisations of a Gitea."""

    name = "apps.catalog.modules.gitea"
    label = "catalog_gitea"
    plugin_id = "catalog"
    module_id = "gitea"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add a provider for each one that is configured."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.gitea.provider import configured_providers

        points[CatalogProcessing].add_entity_provider(*configured_providers())
