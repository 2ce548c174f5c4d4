"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class GitlabOrgModule(ModuleConfig):
    """Brings the users and groups of GitLab."""

    name = "apps.catalog.modules.gitlab_org"
    label = "catalog_gitlab_org"
    plugin_id = "catalog"
    module_id = "gitlab-org"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add a provider for each one that is configured and enabled."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.gitlab_org.provider import configured_providers

        points[CatalogProcessing].add_entity_provider(*configured_providers())
