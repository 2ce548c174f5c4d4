"""The plugin keeps to what every plugin keeps to."""

from __future__ import annotations

from portal.testing import PluginConformance


class TestDevTools(PluginConformance):
    plugin = "apps.devtools"
