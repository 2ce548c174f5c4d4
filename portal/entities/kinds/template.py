"""The kind of software templates. Only its frame is checked here: the scaffolder knows what actions and forms want."""

from __future__ import annotations

from portal.entities.envelope import TEXT
from portal.entities.kinds.builtin import OWNER, kind_layer, version
from portal.entities.schemas import Schema

_STRING: Schema = {"type": "string"}
_OBJECT: Schema = {"type": "object"}
_CONDITION: Schema = {"type": ["string", "boolean"]}


def _fields(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _items(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


_PERMISSIONS = {"backstage:permissions": _fields(tags=_items(_STRING))}
_PAGE = _fields(**_PERMISSIONS)
_FORM_DECORATORS = _items(_fields(id=_STRING, input=_OBJECT))
_STEP = _fields(id=_STRING, name=_STRING, action=_STRING, input=_OBJECT, **{"if": _CONDITION}, **_PERMISSIONS)
_LINK = _fields(url=TEXT, entityRef=TEXT, title=TEXT, icon=TEXT, **{"if": _CONDITION})
_OUTPUT_TEXT = _fields(title=TEXT, icon=TEXT, content=_STRING, **{"if": _CONDITION})

_SPEC: Schema = {
    "type": "object",
    "required": ["type", "steps"],
    "properties": {
        "type": TEXT,
        "owner": TEXT,
        "lifecycle": TEXT,
        "parameters": {"oneOf": [_PAGE, _items(_PAGE)]},
        "secrets": _fields(schema=_OBJECT),
        "presentation": _fields(
            buttonLabels=_fields(backButtonText=_STRING, createButtonText=_STRING, reviewButtonText=_STRING)
        ),
        "formDecorators": _FORM_DECORATORS,
        "EXPERIMENTAL_formDecorators": _FORM_DECORATORS,
        "EXPERIMENTAL_recovery": _fields(EXPERIMENTAL_strategy=_STRING),
        "steps": _items(_STEP | {"required": ["action"]}),
        "output": _fields(links=_items(_LINK), text=_items(_OUTPUT_TEXT)) | {"additionalProperties": _STRING},
    },
}

TEMPLATE = kind_layer(
    "Template",
    "templates",
    "A form, and the steps that make something of what is filled in.",
    version("v1beta3", _SPEC, OWNER),
    group="scaffolder.backstage.io",
)
