"""Layers of the entity model: documents that declare kinds, relations, annotations and labels, one over the other.

They say what Backstage's catalog model layers say, in the same words, so that one can be written as JSON or YAML::

    id: acme.example/kind-dashboard
    addKinds:
      - group: acme.example
        names: {kind: Dashboard, singular: dashboard, plural: dashboards}
        description: A page of charts.
        versions:
          - name: v1                                  # or a list; apiVersion: acme.example/v1
            relationFields:
              - {selector: {path: spec.shows}, relation: shows, allowedKinds: [Component]}
            schema:
              jsonSchema:
                type: object
                required: [spec]
                properties: {spec: {type: object, properties: {shows: {type: array, items: {type: string}}}}}
    addRelationPairs:
      - fromKind: Dashboard
        toKind: Component
        description: What a dashboard is about.
        forward: {type: shows, title: shows}
        reverse: {type: shownOn, title: shown on}

A version with a ``specType`` holds for entities with that ``spec.type``, and goes before one without. The kind ``*`` in
a pair of relations is any kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from portal.entities.envelope import TEXT
from portal.entities.formats import is_api_version, is_kind
from portal.entities.schemas import CompiledSchema, Schema
from portal.errors import InputError

#: Any kind, in a pair of relations.
ANY: Final = "*"

_NAMES: Schema = {"oneOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}


def _object(required: str, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": required.split(),
        "additionalProperties": False,
        "properties": properties,
    }


def _list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


_SCHEMA = _object("jsonSchema", jsonSchema={"type": "object"})
_RELATION_FIELD = _object(
    "selector relation",
    selector=_object("path", path=TEXT | {"pattern": r"^spec\.[^.]+(\.[^.]+)*$"}),
    relation=TEXT,
    defaultKind=TEXT,
    defaultNamespace={"enum": ["default", "inherit"]},
    allowedKinds={"type": "array", "items": TEXT},
)
_DETAILS: dict[str, Schema] = {"description": TEXT, "relationFields": _list_of(_RELATION_FIELD), "schema": _SCHEMA}
_VERSIONS = _list_of(_object("name schema", name=_NAMES, specType=_NAMES, **_DETAILS))
_DIRECTION = _object("type title", type=TEXT | {"pattern": r"^\w+$"}, title=TEXT)
_DESCRIBED = _object("name description", name=TEXT, title=TEXT, description=TEXT, schema=_SCHEMA)

_LAYER = CompiledSchema(
    _object(
        "id",
        id=TEXT,
        addKinds=_list_of(
            _object(
                "group names description",
                group=TEXT,
                names=_object("kind singular plural", kind=TEXT, singular=TEXT, plural=TEXT),
                description=TEXT,
                versions=_VERSIONS,
            )
        ),
        addKindVersions=_list_of(_object("kind versions", kind=TEXT, versions=_VERSIONS)),
        updateKinds=_list_of(_object("kind", kind=TEXT, singular=TEXT, plural=TEXT, description=TEXT)),
        updateKindVersions=_list_of(_object("kind name", kind=TEXT, name=_NAMES, specType=_NAMES, **_DETAILS)),
        removeKinds=_list_of(_object("kind", kind=TEXT)),
        addRelationPairs=_list_of(
            _object(
                "fromKind toKind description forward reverse",
                fromKind=_NAMES,
                toKind=_NAMES,
                description=TEXT,
                forward=_DIRECTION,
                reverse=_DIRECTION,
            )
        ),
        addAnnotations=_list_of(_DESCRIBED),
        addLabels=_list_of(_DESCRIBED),
    )
)


@dataclass(frozen=True)
class ModelLayer:
    """A layer: its id, for messages and so that the same one may come twice, and the document without it."""

    id: str
    document: Mapping[str, Any]

    @classmethod
    def parse(cls, document: Any) -> Self:
        """Read a layer from JSON. Raise ``InputError`` naming the field and the rule if it isn't one."""
        _LAYER.check(document, subject=lambda: "The model layer is malformed")
        given: dict[str, Any] = document
        layer = cls(given["id"], {key: value for key, value in given.items() if key != "id"})
        for kind in layer.declared("addKinds"):
            name, group = kind["names"]["kind"], kind["group"]
            if not is_kind(name):
                raise InputError(f"Model layer '{layer.id}': '{name}' can't be a kind; kinds are letters and digits.")
            if not is_api_version(f"{group}/v1"):
                raise InputError(f"Model layer '{layer.id}': the group '{group}' of {name} isn't a lowercase DNS name.")
        return layer

    def declared(self, what: str) -> list[dict[str, Any]]:
        """Return the declarations under one key of the document."""
        found: list[dict[str, Any]] = self.document.get(what, [])
        return found


def as_list(names: str | list[str] | None) -> list[str]:
    """Return what may be one name, or several, as a list; none for None."""
    if names is None:
        return []
    return [names] if isinstance(names, str) else names
