"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class AiModelModule(ModuleConfig):
    """Adds the kind AiResource, and APIs of the type ``mcp-server``."""

    name = "apps.catalog.modules.ai_model"
    label = "catalog_ai_model"
    plugin_id = "catalog"
    module_id = "ai-model"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add the two layers."""
        from apps.catalog.extension_points import CatalogModel
        from apps.catalog.modules.ai_model.layers import LAYERS

        points[CatalogModel].add_model_layer(*LAYERS)
