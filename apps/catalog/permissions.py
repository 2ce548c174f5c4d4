"""The permissions and rules that the catalog owns; names and parameters are Backstage's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.permissions import Permission, Rule

RESOURCE_TYPE = "catalog-entity"

ENTITY_READ = Permission("catalog.entity.read", "read", RESOURCE_TYPE)
ENTITY_CREATE = Permission("catalog.entity.create", "create")
ENTITY_DELETE = Permission("catalog.entity.delete", "delete", RESOURCE_TYPE)
ENTITY_REFRESH = Permission("catalog.entity.refresh", "update", RESOURCE_TYPE)
ENTITY_VALIDATE = Permission("catalog.entity.validate", "create")
LOCATION_READ = Permission("catalog.location.read", "read")
LOCATION_CREATE = Permission("catalog.location.create", "create")
LOCATION_DELETE = Permission("catalog.location.delete", "delete")
LOCATION_ANALYZE = Permission("catalog.location.analyze", "read")
UNPROCESSED_READ = Permission("catalog.entities.unprocessed.read", "read")
UNPROCESSED_DELETE = Permission("catalog.entities.unprocessed.delete", "delete")

Entity = Mapping[str, Any]
#: A rule's query form: search key, and the values of which one must be there (None: any value at all).
KeyValues = tuple[str, tuple[str, ...] | None]


def _schema(required: str, description: str, *, optional: str = "", many: bool = False) -> dict[str, Any]:
    one: dict[str, Any] = {"type": "array", "items": {"type": "string"}} if many else {"type": "string"}
    properties = {required: {**one, "description": description}}
    if optional:
        properties[optional] = {"type": "string", "description": "The value it must have; left out, any will do."}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": properties,
        "required": [required],
        "additionalProperties": False,
    }


def _at(entity: Any, path: str) -> Any:
    """Return the value at a dotted path; keys may themselves hold dots."""
    if not path:
        return entity
    if not isinstance(entity, Mapping):
        return None
    for key, value in entity.items():
        if path == key:
            return value
        if path.startswith(f"{key}."):
            found = _at(value, path[len(key) + 1 :])
            if found is not None:
                return found
    return None


class _FieldRule(Rule):
    """A rule on one field below a fixed path: there at all, or with a certain value."""

    resource_type = RESOURCE_TYPE
    path = ""
    parameter = ""

    def apply(self, resource: Entity, params: Mapping[str, Any]) -> bool:
        """Look the field up in the entity."""
        found = _at(_at(resource, self.path), params[self.parameter])
        if "value" not in params:
            return found is not None
        values = found if isinstance(found, list) else [found]
        return any(str(value).lower() == params["value"].lower() for value in values if value is not None)

    def to_query(self, params: Mapping[str, Any]) -> KeyValues:
        """Return the search key and value."""
        return f"{self.path}.{params[self.parameter]}", ((params["value"],) if "value" in params else None)


class HasAnnotation(_FieldRule):
    """The entity bears an annotation."""

    name = "HAS_ANNOTATION"
    description = "Allow entities with the specified annotation"
    params_schema = _schema("annotation", "Name of the annotation to match on", optional="value")
    path = "metadata.annotations"
    parameter = "annotation"


class HasLabel(_FieldRule):
    """The entity bears a label."""

    name = "HAS_LABEL"
    description = "Allow entities with the specified label"
    params_schema = _schema("label", "Name of the label to match on", optional="value")
    path = "metadata.labels"
    parameter = "label"


class HasMetadata(_FieldRule):
    """The entity has a field under ``metadata``."""

    name = "HAS_METADATA"
    description = "Allow entities with the specified metadata subfield"
    params_schema = _schema("key", "Property within the entity's metadata to match on", optional="value")
    path = "metadata"
    parameter = "key"


class HasSpec(_FieldRule):
    """The entity has a field under ``spec``."""

    name = "HAS_SPEC"
    description = "Allow entities with the specified spec subfield"
    params_schema = _schema("key", "Property within the entity's spec to match on", optional="value")
    path = "spec"
    parameter = "key"


class IsEntityKind(Rule):
    """The entity is of one of some kinds."""

    name = "IS_ENTITY_KIND"
    description = "Allow entities matching a specified kind"
    resource_type = RESOURCE_TYPE
    params_schema = _schema("kinds", "List of kinds to match at least one of", many=True)

    def apply(self, resource: Entity, params: Mapping[str, Any]) -> bool:
        """Compare the kind, whatever its case."""
        return str(resource.get("kind", "")).lower() in {kind.lower() for kind in params["kinds"]}

    def to_query(self, params: Mapping[str, Any]) -> KeyValues:
        """Return the key ``kind`` and the kinds."""
        return "kind", tuple(params["kinds"])


class IsEntityOwner(Rule):
    """The entity is owned by one of some refs."""

    name = "IS_ENTITY_OWNER"
    description = "Allow entities owned by a specified claim"
    resource_type = RESOURCE_TYPE
    params_schema = _schema("claims", "List of claims to match at least one on within ownedBy", many=True)

    def apply(self, resource: Entity, params: Mapping[str, Any]) -> bool:
        """Look for an ``ownedBy`` relation to one of the refs."""
        claims = {claim.lower() for claim in params["claims"]}
        return any(
            relation["type"] == "ownedBy" and relation["targetRef"].lower() in claims
            for relation in resource.get("relations") or []
        )

    def to_query(self, params: Mapping[str, Any]) -> KeyValues:
        """Return the key of the relation and the refs."""
        return "relations.ownedBy", tuple(params["claims"])
