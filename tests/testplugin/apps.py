from portal.plugins import PluginConfig


class TestPlugin(PluginConfig):
    """A plugin that stands for anybody's."""

    __test__ = False
    name = "tests.testplugin"
    label = "testplugin"
    plugin_id = "testplugin"
    title = "Test plugin"
    icon = "flask-conical"
