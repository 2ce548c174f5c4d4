"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class BitbucketServerModule(ModuleConfig):
    """Finds catalog files in the repositories of a Bitbucket Server."""

    name = "apps.catalog.modules.bitbucket_server"
    label = "catalog_bitbucket_server"
    plugin_id = "catalog"
    module_id = "bitbucket-server"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add a provider for each one that is configured."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.bitbucket_server.provider import configured_providers

        points[CatalogProcessing].add_entity_provider(*configured_providers())
