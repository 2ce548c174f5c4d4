"""The rules that every entity has to keep before it is stored, whatever its kind, and their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from portal.entities.entity import DEFAULT_NAMESPACE, Entity
from portal.entities.envelope import entity_schema
from portal.entities.formats import DEFAULT_FORMATS, LINK_TEXT, LINK_URL, FieldFormats, Format
from portal.entities.refs import ref_of, stringify_ref
from portal.entities.schemas import shown
from portal.errors import InputError

#: Takes an entity, returns it or a changed copy, and raises ``InputError`` if it breaks the rule.
Policy: TypeAlias = Callable[[Entity], Entity]

_SOURCE_FIELDS = ("apiVersion", "kind", "metadata", "spec")


def apply_policies(
    entity: Entity, validators: FieldFormats = DEFAULT_FORMATS, *, extra: Sequence[Policy] = ()
) -> Entity:
    """Return ``entity`` as the policies leave it: with a namespace, and well formed. Nothing is changed in place.

    Asked in order: the schema of all entities, the default namespace, that there are no fields at the root that a
    source can't have, the formats of ``validators``, and the ``extra`` policies.

    Raise ``InputError`` naming the entity, the field, the rule and the value. The envelope must have been checked
    before.
    """
    policies: tuple[Policy, ...] = (
        has_valid_schema,
        with_default_namespace,
        has_only_source_fields,
        _FieldFormatPolicy(validators),
        *extra,
    )
    ref = ref_of(entity)
    for policy in policies:
        try:
            entity = policy(entity)
        except InputError as error:
            raise InputError(f"Policy check failed for {ref}: {error}", cause=error) from error
    return entity


def has_valid_schema(entity: Entity) -> Entity:
    """Refuse an entity whose fields are missing, unknown or of the wrong type."""
    entity_schema.check(entity, subject=lambda: "malformed entity")
    return entity


def with_default_namespace(entity: Entity) -> Entity:
    """Put an entity that states no namespace into ``default``."""
    metadata = entity["metadata"]
    if metadata.get("namespace"):
        return entity
    return {**entity, "metadata": {**metadata, "namespace": DEFAULT_NAMESPACE}}


def has_only_source_fields(entity: Entity) -> Entity:
    """Refuse fields at the root that only the catalog itself may set, such as ``relations``."""
    for field in entity:
        if field not in _SOURCE_FIELDS:
            raise InputError(f'"{field}" is not a field that can stand here; expected {", ".join(_SOURCE_FIELDS)}')
    return entity


def group_default_parent(parent_ref: str) -> Policy:
    """Return a policy that puts each Group without a parent under ``parent_ref``, the parent itself excepted."""
    parent = stringify_ref(parent_ref)

    def with_parent(entity: Entity) -> Entity:
        if entity["kind"] != "Group" or (entity.get("spec") or {}).get("parent") or str(ref_of(entity)) == parent:
            return entity
        return {**entity, "spec": {**entity.get("spec", {}), "parent": parent}}

    return with_parent


class _FieldFormatPolicy:
    """Refuses names, labels, annotations, tags and links that aren't of the required format."""

    def __init__(self, formats: FieldFormats) -> None:
        self._formats = formats

    def __call__(self, entity: Entity) -> Entity:
        formats, metadata = self._formats, entity["metadata"]
        _require("apiVersion", entity["apiVersion"], formats.api_version)
        _require("kind", entity["kind"], formats.kind)
        _require("metadata.name", metadata["name"], formats.entity_name)
        if "namespace" in metadata:
            _require("metadata.namespace", metadata["namespace"], formats.namespace)
        for key, value in metadata.get("labels", {}).items():
            _require(f"labels.{key}", key, formats.label_key)
            _require(f"labels.{key}", value, formats.label_value)
        for key, value in metadata.get("annotations", {}).items():
            _require(f"annotations.{key}", key, formats.annotation_key)
            _require(f"annotations.{key}", value, formats.annotation_value)
        for position, tag in enumerate(metadata.get("tags", ())):
            _require(f"tags.{position}", tag, formats.tag)
        for position, link in enumerate(metadata.get("links", ())):
            _require(f"links.{position}.url", link["url"], LINK_URL)
            for field in ("title", "icon"):
                if field in link:
                    _require(f"links.{position}.{field}", link[field], LINK_TEXT)
        return entity


def _require(field: str, value: object, rule: Format) -> None:
    if not rule.check(value):
        raise InputError(f'"{field}" is not valid; expected {rule.expectation} but found {shown(value)}')
