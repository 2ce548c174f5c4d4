"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class GithubOrgModule(ModuleConfig):
    """Brings the users and teams of GitHub organisations."""

    name = "apps.catalog.modules.github_org"
    label = "catalog_github_org"
    plugin_id = "catalog"
    module_id = "github-org"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add a provider for each one that is configured."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.github_org.provider import configured_providers

        points[CatalogProcessing].add_entity_provider(*configured_providers())
