"""The kinds of the software catalog."""

from __future__ import annotations

from portal.entities.envelope import TEXT, TEXTS
from portal.entities.kinds.registry import Kind, RelationField
from portal.entities.schemas import Schema

API_VERSIONS = ("backstage.io/v1alpha1", "backstage.io/v1beta1")

RELATION_OWNED_BY, RELATION_OWNER_OF = "ownedBy", "ownerOf"
RELATION_PART_OF, RELATION_HAS_PART = "partOf", "hasPart"
RELATION_PROVIDES_API, RELATION_API_PROVIDED_BY = "providesApi", "apiProvidedBy"
RELATION_CONSUMES_API, RELATION_API_CONSUMED_BY = "consumesApi", "apiConsumedBy"
RELATION_DEPENDS_ON, RELATION_DEPENDENCY_OF = "dependsOn", "dependencyOf"
RELATION_MEMBER_OF, RELATION_HAS_MEMBER = "memberOf", "hasMember"
RELATION_CHILD_OF, RELATION_PARENT_OF = "childOf", "parentOf"

OWNER = RelationField("owner", RELATION_OWNED_BY, RELATION_OWNER_OF, "Group")
_SYSTEM = RelationField("system", RELATION_PART_OF, RELATION_HAS_PART, "System")
_DEPENDS_ON = RelationField("dependsOn", RELATION_DEPENDS_ON, RELATION_DEPENDENCY_OF)
_DEPENDENCY_OF = RelationField("dependencyOf", RELATION_DEPENDENCY_OF, RELATION_DEPENDS_ON)

_PROFILE: Schema = {"type": "object", "properties": {"displayName": TEXT, "email": TEXT, "picture": TEXT}}


def _spec(required: str, **fields: Schema) -> Schema:
    """Return the schema of a spec. ``required`` names fields, which are texts unless ``fields`` says otherwise."""
    names = required.split()
    return {"type": "object", "required": names, "properties": dict.fromkeys(names, TEXT) | fields}


COMPONENT = Kind(
    "Component",
    API_VERSIONS,
    _spec(
        "type lifecycle owner",
        system=TEXT,
        subcomponentOf=TEXT,
        providesApis=TEXTS,
        consumesApis=TEXTS,
        dependsOn=TEXTS,
    ),
    relations=(
        OWNER,
        RelationField("subcomponentOf", RELATION_PART_OF, RELATION_HAS_PART, "Component"),
        RelationField("providesApis", RELATION_PROVIDES_API, RELATION_API_PROVIDED_BY, "API"),
        RelationField("consumesApis", RELATION_CONSUMES_API, RELATION_API_CONSUMED_BY, "API"),
        _DEPENDS_ON,
        _DEPENDENCY_OF,
        _SYSTEM,
    ),
)

API = Kind("API", API_VERSIONS, _spec("type lifecycle owner definition", system=TEXT), relations=(OWNER, _SYSTEM))

RESOURCE = Kind(
    "Resource",
    API_VERSIONS,
    _spec("type owner", system=TEXT, dependsOn=TEXTS),
    relations=(OWNER, _DEPENDS_ON, _DEPENDENCY_OF, _SYSTEM),
)

SYSTEM = Kind(
    "System",
    API_VERSIONS,
    _spec("owner", domain=TEXT, type=TEXT),
    relations=(OWNER, RelationField("domain", RELATION_PART_OF, RELATION_HAS_PART, "Domain")),
)

DOMAIN = Kind(
    "Domain",
    API_VERSIONS,
    _spec("owner", subdomainOf=TEXT, type=TEXT),
    relations=(OWNER, RelationField("subdomainOf", RELATION_PART_OF, RELATION_HAS_PART, "Domain")),
)

GROUP = Kind(
    "Group",
    API_VERSIONS,
    _spec("type children", children=TEXTS, profile=_PROFILE, parent=TEXT, members=TEXTS),
    relations=(
        RelationField("parent", RELATION_CHILD_OF, RELATION_PARENT_OF, "Group"),
        RelationField("children", RELATION_PARENT_OF, RELATION_CHILD_OF, "Group"),
        RelationField("members", RELATION_HAS_MEMBER, RELATION_MEMBER_OF, "User"),
    ),
)

USER = Kind(
    "User",
    API_VERSIONS,
    _spec("memberOf", memberOf=TEXTS, profile=_PROFILE),
    relations=(RelationField("memberOf", RELATION_MEMBER_OF, RELATION_HAS_MEMBER, "Group"),),
)

LOCATION = Kind(
    "Location",
    API_VERSIONS,
    _spec("", type=TEXT, target=TEXT, targets=TEXTS, presence={"enum": ["required", "optional"]}),
)

BUILTIN_KINDS = (COMPONENT, API, RESOURCE, SYSTEM, DOMAIN, GROUP, USER, LOCATION)
