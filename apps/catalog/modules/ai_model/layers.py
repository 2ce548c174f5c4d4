"""The layers that Backstage's module of the same name adds, with their ids."""

from __future__ import annotations

from typing import Any

from portal.entities import ModelLayer

JSON = dict[str, Any]

TEXT: JSON = {"type": "string", "minLength": 1}
TEXTS: JSON = {"type": "array", "items": TEXT}

_OWNER = {
    "selector": {"path": "spec.owner"},
    "relation": "ownedBy",
    "defaultKind": "Group",
    "allowedKinds": ["Group", "User"],
}
_SYSTEM = {"selector": {"path": "spec.system"}, "relation": "partOf", "defaultKind": "System"}
_DEPENDS_ON = {"selector": {"path": "spec.dependsOn"}, "relation": "dependsOn", "defaultKind": "AiResource"}


def _version(name: str | list[str], spec_type: str | None, required: str, *fields: JSON, **properties: JSON) -> JSON:
    """Return a version whose spec has type, lifecycle, owner, perhaps a system, and the properties given."""
    names = ["type", "lifecycle", "owner", *required.split()]
    spec = {"type": "object", "required": names, "properties": dict.fromkeys([*names, "system"], TEXT) | properties}
    version = {
        "name": name,
        "relationFields": [_OWNER, _SYSTEM, *fields],
        "schema": {"jsonSchema": {"type": "object", "required": ["spec"], "properties": {"spec": spec}}},
    }
    return version if spec_type is None else {**version, "specType": spec_type}


AI_RESOURCE = ModelLayer.parse(
    {
        "id": "catalog.backstage.io/kind-ai-resource",
        "addKinds": [
            {
                "group": "backstage.io",
                "names": {"kind": "AiResource", "singular": "airesource", "plural": "airesources"},
                "description": "What tools for writing software with artificial intelligence are given to know.",
                "versions": [
                    _version("v1alpha1", None, ""),
                    _version(
                        "v1alpha1",
                        "skill",
                        "",
                        _DEPENDS_ON,
                        disciplines=TEXTS,
                        categories=TEXTS,
                        agents=TEXTS,
                        dependsOn=TEXTS,
                        allowedTools=TEXT,
                        license=TEXT,
                        compatibility=TEXT | {"maxLength": 500},
                    ),
                    _version("v1alpha1", "rule", "category rationale", disciplines=TEXTS),
                    _version("v1alpha1", "plugin", "skills", skills=TEXTS, version=TEXT),
                    _version("v1alpha1", "marketplace", "plugins", plugins=TEXTS, version=TEXT),
                ],
            }
        ],
    }
)

MCP_SERVER = ModelLayer.parse(
    {
        "id": "catalog.backstage.io/kind-api-mcp-server",
        "addKindVersions": [
            {
                "kind": "API",
                "versions": [
                    _version(
                        ["v1alpha1", "v1beta1"],
                        "mcp-server",
                        "remotes",
                        remotes={
                            "type": "array",
                            "minItems": 1,
                            "items": {
                                "type": "object",
                                "required": ["type", "url"],
                                "properties": {"type": TEXT, "url": TEXT},
                            },
                        },
                    )
                ],
            }
        ],
    }
)

LAYERS = (AI_RESOURCE, MCP_SERVER)
