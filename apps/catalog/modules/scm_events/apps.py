"""The facts of the module."""

from __future__ import annotations

from portal.plugins import ModuleConfig


class ScmEventsModule(ModuleConfig):
    """Refreshes, unregisters and moves registered locations by what source hosts tell of their repositories."""

    name = "apps.catalog.modules.scm_events"
    label = "catalog_scm_events"
    plugin_id = "catalog"
    module_id = "scm-events"
