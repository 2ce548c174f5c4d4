"""The kinds of the software catalog: the first layers of the entity model, with the ids that Backstage's have."""

from __future__ import annotations

from typing import Any

from portal.entities.envelope import TEXT, TEXTS
from portal.entities.kinds.layers import ANY, ModelLayer
from portal.entities.schemas import Schema

RELATION_OWNED_BY, RELATION_OWNER_OF = "ownedBy", "ownerOf"
RELATION_PART_OF, RELATION_HAS_PART = "partOf", "hasPart"
RELATION_PROVIDES_API, RELATION_API_PROVIDED_BY = "providesApi", "apiProvidedBy"
RELATION_CONSUMES_API, RELATION_API_CONSUMED_BY = "consumesApi", "apiConsumedBy"
RELATION_DEPENDS_ON, RELATION_DEPENDENCY_OF = "dependsOn", "dependencyOf"
RELATION_MEMBER_OF, RELATION_HAS_MEMBER = "memberOf", "hasMember"
RELATION_CHILD_OF, RELATION_PARENT_OF = "childOf", "parentOf"

OWNER = {"selector": {"path": "spec.owner"}, "relation": RELATION_OWNED_BY, "defaultKind": "Group"}
_PROFILE: Schema = {"type": "object", "properties": {"displayName": TEXT, "email": TEXT, "picture": TEXT}}


def field(path: str, relation: str, default_kind: str | None = None) -> dict[str, Any]:
    """Return the declaration of a field of the spec that holds refs."""
    declared = {"selector": {"path": f"spec.{path}"}, "relation": relation}
    return declared if default_kind is None else {**declared, "defaultKind": default_kind}


def spec(required: str, **fields: Schema) -> Schema:
    """Return the schema of a spec. ``required`` names fields, which are texts unless ``fields`` says otherwise."""
    names = required.split()
    return {"type": "object", "required": names, "properties": dict.fromkeys(names, TEXT) | fields}


def version(name: str | list[str], schema: Schema, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the declaration of a version whose spec has a schema, and of the fields that hold refs."""
    root = {"type": "object", "required": ["spec"], "properties": {"spec": schema}}
    return {"name": name, "schema": {"jsonSchema": root}, "relationFields": list(fields), **more}


def kind_layer(
    kind: str, plural: str, description: str, *versions: dict[str, Any], group: str = "backstage.io"
) -> ModelLayer:
    """Return the layer that declares one kind."""
    singular = kind if kind.isupper() else kind.lower()
    names = {"kind": kind, "singular": singular, "plural": plural}
    declared = {"group": group, "names": names, "description": description, "versions": list(versions)}
    return ModelLayer(f"catalog.backstage.io/kind-{kind.lower()}", {"addKinds": [declared]})


def _own(kind: str, plural: str, description: str, schema: Schema, *fields: dict[str, Any]) -> ModelLayer:
    return kind_layer(kind, plural, description, version(["v1alpha1", "v1beta1"], schema, *fields))


def _pair(forward: str, title: str, reverse: str, reverse_title: str, description: str) -> dict[str, Any]:
    return {
        "fromKind": ANY,
        "toKind": ANY,
        "description": description,
        "forward": {"type": forward, "title": title},
        "reverse": {"type": reverse, "title": reverse_title},
    }


WELL_KNOWN_RELATIONS = ModelLayer(
    "catalog.backstage.io/well-known-relations",
    {
        "addRelationPairs": [
            _pair(RELATION_OWNED_BY, "owned by", RELATION_OWNER_OF, "owner of", "Who answers for it."),
            _pair(RELATION_PART_OF, "part of", RELATION_HAS_PART, "has part", "What it is a part of."),
            _pair(
                RELATION_PROVIDES_API, "provides API", RELATION_API_PROVIDED_BY, "API provided by", "The API it offers."
            ),
            _pair(
                RELATION_CONSUMES_API, "consumes API", RELATION_API_CONSUMED_BY, "API consumed by", "The API it calls."
            ),
            _pair(RELATION_DEPENDS_ON, "depends on", RELATION_DEPENDENCY_OF, "dependency of", "What it needs."),
            _pair(RELATION_MEMBER_OF, "member of", RELATION_HAS_MEMBER, "has member", "The group a person is in."),
            _pair(RELATION_CHILD_OF, "child of", RELATION_PARENT_OF, "parent of", "The group above."),
        ]
    },
)

_SYSTEM = field("system", RELATION_PART_OF, "System")
_DEPENDS_ON = field("dependsOn", RELATION_DEPENDS_ON)
_DEPENDENCY_OF = field("dependencyOf", RELATION_DEPENDENCY_OF)

BUILTIN_KINDS = (
    _own(
        "Component",
        "components",
        "A piece of software.",
        spec(
            "type lifecycle owner",
            system=TEXT,
            subcomponentOf=TEXT,
            providesApis=TEXTS,
            consumesApis=TEXTS,
            dependsOn=TEXTS,
        ),
        OWNER,
        field("subcomponentOf", RELATION_PART_OF, "Component"),
        field("providesApis", RELATION_PROVIDES_API, "API"),
        field("consumesApis", RELATION_CONSUMES_API, "API"),
        _DEPENDS_ON,
        _DEPENDENCY_OF,
        _SYSTEM,
    ),
    _own("API", "APIs", "An interface.", spec("type lifecycle owner definition", system=TEXT), OWNER, _SYSTEM),
    _own(
        "Resource",
        "resources",
        "Something that software needs while it runs.",
        spec("type owner", system=TEXT, dependsOn=TEXTS),
        OWNER,
        _DEPENDS_ON,
        _DEPENDENCY_OF,
        _SYSTEM,
    ),
    _own(
        "System",
        "systems",
        "Software and resources that do something together.",
        spec("owner", domain=TEXT, type=TEXT),
        OWNER,
        field("domain", RELATION_PART_OF, "Domain"),
    ),
    _own(
        "Domain",
        "domains",
        "Systems of one area of business.",
        spec("owner", subdomainOf=TEXT, type=TEXT),
        OWNER,
        field("subdomainOf", RELATION_PART_OF, "Domain"),
    ),
    _own(
        "Group",
        "groups",
        "A team, or another part of the organisation.",
        spec("type children", children=TEXTS, profile=_PROFILE, parent=TEXT, members=TEXTS),
        field("parent", RELATION_CHILD_OF, "Group"),
        field("children", RELATION_PARENT_OF, "Group"),
        field("members", RELATION_HAS_MEMBER, "User"),
    ),
    _own(
        "User",
        "users",
        "A person.",
        spec("memberOf", memberOf=TEXTS, profile=_PROFILE),
        field("memberOf", RELATION_MEMBER_OF, "Group"),
    ),
    _own(
        "Location",
        "locations",
        "Where further entities are.",
        spec("", type=TEXT, target=TEXT, targets=TEXTS, presence={"enum": ["required", "optional"]}),
    ),
)
