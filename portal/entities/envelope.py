"""The shape that all entities share, whatever their kind, in two strengths.

``ENVELOPE`` is what it takes to name an entity and pass it on. ``ENTITY`` is the whole shape, with the parts that only
the catalog adds (``relations``, ``status``, ``metadata.uid``, ``metadata.etag``).
"""

from __future__ import annotations

from typing import Any, cast

from portal.entities.entity import DEFAULT_NAMESPACE, Entity
from portal.entities.refs import ref_of, require_storable
from portal.entities.schemas import CompiledSchema, Schema

TEXT: Schema = {"type": "string", "minLength": 1}
TEXTS: Schema = {"type": "array", "items": TEXT}
_TEXT_BY_NAME: Schema = {"type": "object", "additionalProperties": {"type": "string"}}

ENVELOPE: Schema = {
    "type": "object",
    "required": ["apiVersion", "kind", "metadata"],
    "properties": {
        "apiVersion": TEXT,
        "kind": TEXT,
        "metadata": {"type": "object", "required": ["name"], "properties": {"name": TEXT, "namespace": TEXT}},
    },
}

_LINK: Schema = {
    "type": "object",
    "required": ["url"],
    "properties": {"url": TEXT, "title": TEXT, "icon": TEXT, "type": TEXT},
}
_METADATA: Schema = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "uid": TEXT,
        "etag": TEXT,
        "name": TEXT,
        "namespace": TEXT,
        "title": TEXT,
        "description": {"type": "string"},
        "labels": _TEXT_BY_NAME,
        "annotations": _TEXT_BY_NAME,
        "tags": TEXTS,
        "links": {"type": "array", "items": _LINK},
    },
}
_RELATION: Schema = {
    "type": "object",
    "required": ["type", "targetRef"],
    "additionalProperties": False,
    "properties": {"type": TEXT | {"pattern": r"^\w+$"}, "targetRef": TEXT},
}
_STATUS_ITEM: Schema = {
    "type": "object",
    "required": ["type", "level", "message"],
    "properties": {
        "type": TEXT,
        "level": {"enum": ["info", "warning", "error"]},
        "message": {"type": "string"},
        "error": {
            "type": "object",
            "required": ["name", "message"],
            "properties": {
                "name": TEXT,
                "message": {"type": "string"},
                "code": {"type": "string"},
                "stack": {"type": "string"},
            },
        },
    },
}

ENTITY: Schema = {
    "type": "object",
    "required": ["apiVersion", "kind", "metadata"],
    "additionalProperties": False,
    "properties": {
        "apiVersion": TEXT,
        "kind": TEXT,
        "metadata": _METADATA,
        "spec": {"type": "object"},
        "relations": {"type": "array", "items": _RELATION},
        "status": {"type": "object", "properties": {"items": {"type": "array", "items": _STATUS_ITEM}}},
    },
}

_envelope = CompiledSchema(ENVELOPE)
entity_schema = CompiledSchema(ENTITY)


def validate_envelope(entity: object) -> None:
    """Raise ``InputError`` unless ``entity`` has what it takes to name it: API version, kind and name.

    Other fields aren't looked at, nor are the characters of these, as long as tables can hold them.
    """
    _envelope.check(entity, subject=lambda: f"{_subject(entity)} has a malformed envelope")
    require_storable(ref_of(cast(Entity, entity)))


def validate_entity(entity: object) -> None:
    """Raise ``InputError`` unless ``entity`` has the shape of an entity, its ``spec`` aside."""
    entity_schema.check(entity, subject=lambda: f"{_subject(entity)} is malformed")


def _subject(entity: object) -> str:
    """Return a name for something that may not even be an entity."""
    if not isinstance(entity, dict):
        return "What should be an entity"
    metadata: Any = entity.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kind, name = entity.get("kind"), metadata.get("name")
    if not (isinstance(kind, str) and isinstance(name, str)):
        return "An entity without kind or name"
    return f"The entity {kind}:{metadata.get('namespace') or DEFAULT_NAMESPACE}/{name}".lower().capitalize()
