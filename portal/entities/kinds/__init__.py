"""Kinds of entities: the layers that declare them, and the registry that layers are compiled to."""

from portal.entities.entity import Entity
from portal.entities.kinds.builtin import BUILTIN_KINDS, WELL_KNOWN_RELATIONS
from portal.entities.kinds.layers import ModelLayer
from portal.entities.kinds.model import Described, EntityModel, RelationType, compile_layers
from portal.entities.kinds.registry import Kind, KindRegistry, RelationField
from portal.entities.kinds.template import TEMPLATE

#: The layers that come with the portal. Those of modules and of the configuration lie over them.
BUILTIN_LAYERS = (WELL_KNOWN_RELATIONS, *BUILTIN_KINDS, TEMPLATE)

#: The kinds of those layers.
KINDS = compile_layers(BUILTIN_LAYERS).kinds


def validate_kind(entity: Entity) -> bool:
    """Tell whether the kind of ``entity`` is one of those; raise ``InputError`` if it is, but breaks its rules."""
    return KINDS.validate(entity)


__all__ = [
    "BUILTIN_LAYERS",
    "KINDS",
    "Described",
    "EntityModel",
    "Kind",
    "KindRegistry",
    "ModelLayer",
    "RelationField",
    "RelationType",
    "compile_layers",
    "validate_kind",
]
