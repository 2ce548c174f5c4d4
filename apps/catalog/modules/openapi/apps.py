"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class OpenapiModule(ModuleConfig):
    """Bundles API definitions whose parts are in files of their own."""

    name = "apps.catalog.modules.openapi"
    label = "catalog_openapi"
    plugin_id = "catalog"
    module_id = "openapi"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add the placeholders ``$openapi`` and ``$asyncapi``."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.openapi.resolver import resolve_api_definition

        for key in ("openapi", "asyncapi"):
            points[CatalogProcessing].add_placeholder_resolver(key, resolve_api_definition)
