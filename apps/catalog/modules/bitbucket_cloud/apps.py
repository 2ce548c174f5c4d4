"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class BitbucketCloudModule(ModuleConfig):
    """Finds catalog files in the repositories of a workspace of Bitbucket Cloud."""

    name = "apps.catalog.modules.bitbucket_cloud"
    label = "catalog_bitbucket_cloud"
    plugin_id = "catalog"
    module_id = "bitbucket-cloud"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add a provider for each one that is configured."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.bitbucket_cloud.provider import configured_providers

        points[CatalogProcessing].add_entity_provider(*configured_providers())
