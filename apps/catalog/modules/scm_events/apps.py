"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.catalog.modules.scm_events.conf import handling
from portal.plugins import ExtensionPoint, ModuleConfig


class ScmEventsModule(ModuleConfig):
    """Refreshes, unregisters and moves registered locations by what source hosts tell of their repositories."""

    name = "apps.catalog.modules.scm_events"
    label = "catalog_scm_events"
    plugin_id = "catalog"
    module_id = "scm-events"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add nothing, but refuse a configuration that can't be understood before somebody relies on it."""
        handling()
