from portal.plugins import ModuleConfig


class OverridesModule(ModuleConfig):
    name = "tests.testplugin.modules.overrides"
    label = "testplugin_overrides"
    plugin_id = "testplugin"
    module_id = "overrides"
