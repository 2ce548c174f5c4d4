"""What the tests of the placeholders ``$openapi`` and ``$asyncapi`` share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from apps.catalog.modules.openapi.resolver import resolve_api_definition
from apps.catalog.processing.builtin_kinds import BuiltinKindsEntityProcessor
from apps.catalog.processing.placeholders import PlaceholderProcessor
from portal.entities import parse_documents
from tests.catalog.processing_kit import FakeUrlReader, entity, messages, pipeline, source_hosts

SITE = "https://x.example/"
AT = f"url:{SITE}catalog-info.yaml"


def api(placeholder: Any, at: str = AT) -> dict[str, Any]:
    """Return an API entity whose definition is a placeholder."""
    spec = {"type": "openapi", "lifecycle": "production", "owner": "team-a", "definition": placeholder}
    return entity("API", "pets", location=at, spec=spec)


def web_of(files: Mapping[str, Any], site: str = SITE) -> FakeUrlReader:
    """Serve ``files``, by their paths on a site; what isn't text is written as JSON."""
    return FakeUrlReader(
        {
            name if "://" in name else site + name: content
            if isinstance(content, str | bytes)
            else orjson.dumps(content)
            for name, content in files.items()
        }
    )


def process(
    files: Mapping[str, Any] | FakeUrlReader,
    value: Any = "./api.yaml",
    *,
    at: str = AT,
    site: str = SITE,
    key: str = "openapi",
) -> Any:
    """Process an API whose definition is in ``files``."""
    reader = files if isinstance(files, FakeUrlReader) else web_of(files, site)
    resolvers = {"openapi": resolve_api_definition, "asyncapi": resolve_api_definition}
    run = pipeline(processors=[PlaceholderProcessor(reader, source_hosts(), resolvers), BuiltinKindsEntityProcessor()])
    return run.process(api({f"${key}": value}, at))


def text(files: Mapping[str, Any], value: Any = "./api.yaml", **options: Any) -> str:
    """Return the definition as it is stored."""
    result = process(files, value, **options)
    assert result.ok, messages(result)
    definition: str = result.completed_entity["spec"]["definition"]
    return definition


def bundled(files: Mapping[str, Any], value: Any = "./api.yaml", **options: Any) -> Any:
    """Return what the definition says."""
    (document,) = parse_documents(text(files, value, **options))
    assert document.error is None
    return document.value


def problem(files: Mapping[str, Any], value: Any = "./api.yaml", **options: Any) -> str:
    """Return why an API can't be processed."""
    result = process(files, value, **options)
    assert not result.ok
    (message,) = messages(result)
    return message


def ref(target: str, **neighbours: Any) -> dict[str, Any]:
    """Return a reference."""
    return {"$ref": target, **neighbours}
