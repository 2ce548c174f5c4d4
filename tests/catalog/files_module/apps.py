from portal.plugins import ModuleConfig


class FilesModule(ModuleConfig):
    """Allows the location type ``file`` and no other."""

    name = "tests.catalog.files_module"
    label = "catalog_files_of_tests"
    plugin_id = "catalog"
    module_id = "files-of-tests"

    def extend(self, points):
        """Set the allowed types."""
        from apps.catalog.extension_points import CatalogLocations

        points[CatalogLocations].set_allowed_types(["file"])
