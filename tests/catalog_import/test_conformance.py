"""The plugin keeps to what every plugin keeps to."""

from __future__ import annotations

from portal.testing import PluginConformance


class TestCatalogImport(PluginConformance):
    plugin = "apps.catalog_import"
