"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class IncrementalIngestionModule(ModuleConfig):
    """Reads very large sources in bursts, for the providers that other modules add to ``IncrementalIngestion``."""

    name = "apps.catalog.modules.incremental"
    label = "catalog_incremental"
    plugin_id = "catalog"
    module_id = "incremental-ingestion"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Hand what is added to the module's own point on to the catalog, as providers on a schedule."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.incremental.extension_points import IncrementalIngestion
        from apps.catalog.modules.incremental.provider import BurstingEntityProvider

        processing = points[CatalogProcessing]
        points[IncrementalIngestion].hand_over(
            lambda provider, options: processing.add_entity_provider(BurstingEntityProvider(provider, options))
        )
