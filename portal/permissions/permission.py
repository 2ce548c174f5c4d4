"""A permission: the name of something that can be allowed or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Permission:
    """Names are Backstage's (``catalog.entity.read``). One with a ``resource_type`` may be decided by conditions."""

    name: str
    action: str | None = None
    resource_type: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return Backstage's form: ``{type, name, attributes, resourceType?}``."""
        result: dict[str, Any] = {
            "type": "resource" if self.resource_type else "basic",
            "name": self.name,
            "attributes": {"action": self.action} if self.action else {},
        }
        if self.resource_type:
            result["resourceType"] = self.resource_type
        return result
