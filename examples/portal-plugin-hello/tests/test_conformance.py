"""What every plugin keeps to: its files, its data, its API, its pages and extensions."""

from portal.testing import PluginConformance


class TestHello(PluginConformance):
    plugin = "portal_hello"
