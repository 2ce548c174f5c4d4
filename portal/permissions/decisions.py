"""What a policy answers: yes, no, or under these conditions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.permissions.conditions import Conditions


class Result(StrEnum):
    """The three answers, as they stand on the wire."""

    ALLOW = "ALLOW"
    DENY = "DENY"
    CONDITIONAL = "CONDITIONAL"


@dataclass(frozen=True)
class Decision:
    """A definitive answer."""

    result: Result

    @property
    def allowed(self) -> bool:
        """Whether it is a plain yes."""
        return self.result is Result.ALLOW


@dataclass(frozen=True)
class Conditional(Decision):
    """Yes for the resources that meet ``conditions``, which the plugin that owns the resource type applies."""

    plugin_id: str
    resource_type: str
    conditions: Conditions

    def __init__(self, plugin_id: str, resource_type: str, conditions: Conditions) -> None:
        object.__setattr__(self, "result", Result.CONDITIONAL)
        object.__setattr__(self, "plugin_id", plugin_id)
        object.__setattr__(self, "resource_type", resource_type)
        object.__setattr__(self, "conditions", conditions)


ALLOW = Decision(Result.ALLOW)
DENY = Decision(Result.DENY)
