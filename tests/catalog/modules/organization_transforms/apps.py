from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from portal.plugins import ModuleConfig


class OrganizationTransformsModule(ModuleConfig):
    """Adds the ``additions`` of a test, which are functions by the extension points that they are given."""

    name = "tests.catalog.modules.organization_transforms"
    label = "catalog_organization_transforms_of_tests"
    plugin_id = "catalog"
    module_id = "organization-transforms-of-tests"
    additions: ClassVar[dict[Any, Callable[[Any], None]]] = {}

    def extend(self, points):
        """Add them."""
        for point, add in self.additions.items():
            add(points[point])
