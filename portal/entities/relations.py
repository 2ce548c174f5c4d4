"""The relations that an entity states in its spec, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from portal.entities.entity import Entity
from portal.entities.kinds import KINDS, KindRegistry, RelationField
from portal.entities.refs import EntityRef, parse_ref, ref_of
from portal.errors import InputError

_SORTED_FIELDS = ("providesApis", "consumesApis", "dependsOn", "dependencyOf", "memberOf", "children", "members")


class Relation(NamedTuple):
    """An arrow from one entity to another; both refs are canonical texts."""

    source_ref: str
    type: str
    target_ref: str


def relations_of(entity: Entity, *, kinds: KindRegistry = KINDS) -> list[Relation]:
    """Return the relations that ``entity`` states, each followed by its reverse; what it states twice comes once.

    The entity must be valid. Entities of unknown kinds state none.

    Raise ``InputError`` for a ref that is malformed, or that has to name its kind and doesn't.
    """
    kind = kinds.find(entity)
    if kind is None:
        return []
    source = ref_of(entity)
    stated = (relation for field in kind.relations for relation in _stated(entity, source, field))
    return list(dict.fromkeys(stated))


def sort_relation_arrays(entity: Entity) -> Entity:
    """Return ``entity`` with the lists of refs in its spec sorted, so that their order makes no difference.

    A list that holds anything but texts is left alone. Nothing is changed in place.
    """
    spec: Any = entity.get("spec")
    if not isinstance(spec, dict):
        return entity
    ordered = {name: sorted(spec[name]) for name in _SORTED_FIELDS if name in spec and _is_list_of_texts(spec[name])}
    return {**entity, "spec": {**spec, **ordered}} if ordered else entity


def _stated(entity: Entity, source: EntityRef, field: RelationField) -> Iterator[Relation]:
    value = entity["spec"].get(field.name)
    if not value:
        return
    source_ref = str(source)
    for target in value if isinstance(value, list) else [value]:
        try:
            target_ref = str(parse_ref(target, default_kind=field.default_kind, default_namespace=source.namespace))
        except InputError as error:
            problem = f"The entity {source_ref} has no valid refs in spec.{field.name}: {error}"
            raise InputError(problem, cause=error) from error
        yield Relation(source_ref, field.forward, target_ref)
        yield Relation(target_ref, field.reverse, source_ref)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
