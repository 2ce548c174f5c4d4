from __future__ import annotations

from portal.plugins import ModuleConfig


class IncrementalSourceModule(ModuleConfig):
    """Adds the sources of a test."""

    name = "tests.catalog.modules.incremental_source"
    label = "catalog_incremental_source_of_tests"
    plugin_id = "catalog"
    module_id = "incremental-source-of-tests"

    def extend(self, points):
        """Add them in the order in which they are."""
        from apps.catalog.modules.incremental.extension_points import IncrementalIngestion
        from tests.catalog.modules.incremental_source import SOURCES

        for provider, options in SOURCES:
            points[IncrementalIngestion].add_provider(provider, options)
