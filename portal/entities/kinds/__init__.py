"""Kinds of entities, and the registry of those that the portal knows; a module adds its own with ``KINDS.add(...)``."""

from portal.entities.entity import Entity
from portal.entities.kinds.builtin import BUILTIN_KINDS
from portal.entities.kinds.registry import Kind, KindRegistry, RelationField
from portal.entities.kinds.template import TEMPLATE

#: The kinds that come with the portal, and those that modules have added.
KINDS = KindRegistry(*BUILTIN_KINDS, TEMPLATE)


def validate_kind(entity: Entity) -> bool:
    """Tell whether the kind of ``entity`` is known; raise ``InputError`` if it is, but the entity breaks its rules."""
    return KINDS.validate(entity)


__all__ = ["KINDS", "Kind", "KindRegistry", "RelationField", "validate_kind"]
