"""The events plugin keeps to what every plugin keeps to."""

from __future__ import annotations

from portal.testing import PluginConformance


class TestEvents(PluginConformance):
    plugin = "apps.events"
