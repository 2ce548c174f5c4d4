"""The module's facts."""

from portal.plugins import ModuleConfig


class AddonModule(ModuleConfig):
    """Shows SQL, shows GraphQL in another way, and fails for one type."""

    name = "tests.api_docs.addon"
    label = "api_docs_addon"
    plugin_id = "api-docs"
    module_id = "addon"
