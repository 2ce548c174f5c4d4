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


def sort_relation_arrays(entity: Entity, *, kinds: KindRegistry = KINDS) -> Entity:
    """Return ``entity`` with the lists of refs in its spec sorted, so that their order makes no difference.

    These are the lists that any of the catalog's own kinds has, and those that its kind declares. A list that holds
    anything but texts is left alone. Nothing is changed in place.
    """
    spec: Any = entity.get("spec")
    if not isinstance(spec, dict):
        return entity
    known = {name: sorted(spec[name]) for name in _SORTED_FIELDS if name in spec and _is_list_of_texts(spec[name])}
    ordered = {**spec, **known} if known else spec
    kind = kinds.find(entity)
    for field in kind.relations if kind is not None else ():
        if field.name not in known and _is_list_of_texts(value := _value_at(ordered, field.name)):
            ordered = _with_value_at(ordered, field.name, sorted(value))
    return entity if ordered is spec else {**entity, "spec": ordered}


def _stated(entity: Entity, source: EntityRef, field: RelationField) -> Iterator[Relation]:
    value = _value_at(entity.get("spec"), field.name)
    if not value:
        return
    source_ref = str(source)
    namespace = field.default_namespace or source.namespace
    for given in value if isinstance(value, list) else [value]:
        try:
            target = parse_ref(given, default_kind=field.default_kind, default_namespace=namespace)
        except InputError as error:
            problem = f"The entity {source_ref} has no valid refs in spec.{field.name}: {error}"
            raise InputError(problem, cause=error) from error
        if field.allowed_kinds is not None and target.kind.lower() not in field.allowed_kinds:
            continue
        target_ref = str(target)
        yield Relation(source_ref, field.forward, target_ref)
        if field.reverse and (field.reverse_kinds is None or target.kind.lower() in field.reverse_kinds):
            yield Relation(target_ref, field.reverse, source_ref)


def _value_at(value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        return None
    if path in value or "." not in path:
        return value.get(path)
    name, _, rest = path.partition(".")
    return _value_at(value.get(name), rest)


def _with_value_at(tree: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    if path in tree:
        return {**tree, path: value}
    name, _, rest = path.partition(".")
    return {**tree, name: _with_value_at(tree[name], rest, value)}


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
