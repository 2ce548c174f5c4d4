from portal.plugins import ModuleConfig


class ShellModule(ModuleConfig):
    name = "tests.testplugin.modules.shell"
    label = "testshell"
    plugin_id = "app"
    module_id = "testshell"
