"""Conditions: rules with parameters, joined by all, any and not. A policy answers with these when it depends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.errors import InputError


@dataclass(frozen=True)
class Condition:
    """One rule of the plugin that owns ``resource_type``, with its parameters."""

    rule: str
    resource_type: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AllOf:
    """Every one must hold."""

    conditions: tuple[Conditions, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one must hold."""

    conditions: tuple[Conditions, ...]


@dataclass(frozen=True)
class Not:
    """It must not hold."""

    condition: Conditions


Conditions = Condition | AllOf | AnyOf | Not


def conditions_from(value: Any) -> Conditions:
    """Read Backstage's JSON form. Raises ``InputError`` saying what is wrong."""
    if not isinstance(value, Mapping):
        raise InputError("A permission condition must be an object with one of: rule, allOf, anyOf, not.")
    for key, joined in (("allOf", AllOf), ("anyOf", AnyOf)):
        if key in value:
            parts = value[key]
            if not isinstance(parts, list) or not parts:
                raise InputError(f"'{key}' of a permission condition must be a list of at least one condition.")
            return joined(tuple(conditions_from(part) for part in parts))
    if "not" in value:
        return Not(conditions_from(value["not"]))
    rule, resource_type = value.get("rule"), value.get("resourceType")
    if not isinstance(rule, str) or not isinstance(resource_type, str):
        raise InputError("A permission condition needs 'rule' and 'resourceType', both text.")
    return Condition(rule, resource_type, value.get("params") or {})
