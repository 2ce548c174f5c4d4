"""OpenAPI documents: one YAML file beside a plugin's views. Clients read it, and request bodies are held against it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.request import Request

from portal.config.yaml import parse_yaml
from portal.entities.schemas import CompiledSchema
from portal.http.json import json_bytes
from portal.http.query import QueryParams
from portal.http.views import ApiView


class ApiDocument:
    """The OpenAPI document of one plugin's API, read when it is first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._schemas: dict[str, CompiledSchema] = {}

    @cached_property
    def value(self) -> dict[str, Any]:
        """The document."""
        found: Any = parse_yaml(self.path.read_text(encoding="utf-8"), file=str(self.path))
        document: dict[str, Any] = found
        return document

    @cached_property
    def json(self) -> bytes:
        """The document as it is served."""
        return orjson.dumps(self.value)

    def require(self, value: object, schema: str, *, subject: str = "The request body") -> None:
        """Raise ``InputError``, which tells every failure, unless a value is as a schema of the document has it."""
        compiled = self._schemas.get(schema)
        if compiled is None:
            components = {"schemas": self.value["components"]["schemas"]}
            compiled = CompiledSchema({"allOf": [{"$ref": f"#/components/schemas/{schema}"}], "components": components})
            self._schemas[schema] = compiled
        compiled.check(value, subject=lambda: subject)


class OpenApiView(ApiView):
    """``GET /openapi.json``: the document of a plugin's API, given to ``as_view``."""

    document: ApiDocument | None = None

    def get(self, request: Request) -> HttpResponse:
        """Return the document."""
        QueryParams(request._request, allowed=())
        if self.document is None:
            raise LookupError(f"{type(self).__name__} was mounted without a document.")
        return json_bytes(self.document.json)
