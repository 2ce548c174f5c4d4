"""Rules: what conditions are made of. The plugin that owns a resource type owns its rules."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar


class Rule(ABC):
    """A named test of one resource, which can also be asked of the database.

    Subclasses are found in a plugin's room ``permissions``. ``params_schema`` is a JSON schema.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    resource_type: ClassVar[str]
    params_schema: ClassVar[Mapping[str, Any]]

    @abstractmethod
    def apply(self, resource: Any, params: Mapping[str, Any]) -> bool:
        """Say whether a resource that is at hand meets the rule."""

    @abstractmethod
    def to_query(self, params: Mapping[str, Any]) -> Any:
        """Return the same test in the query language of the plugin that owns the rule."""
