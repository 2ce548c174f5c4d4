"""OpenAPI 3 and Swagger 2: operations by tag, then the schemas."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from apps.api_docs.definitions.documents import Pointers, items, load_document, mapping, name_of, shown, text
from apps.api_docs.definitions.reference import Entry, Fact, Field, Fields, Part, Reference, Sample, Text
from apps.api_docs.definitions.schemas import Schemas
from portal.errors import InputError

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace", "query")
OPERATIONS = "Operations"
SCHEMAS = "Schemas"
WEBHOOKS = "Webhooks"
#: Where parameters are, in the order in which they are listed.
_PLACES = ("path", "query", "header", "cookie", "formData")


def read_openapi(definition: str) -> Reference:
    """Return the outline. Raises ``InputError`` for what is no OpenAPI."""
    document = load_document(definition)
    version = text(document.get("openapi")) or text(document.get("swagger"))
    if not version:
        raise InputError("The definition has neither 'openapi' nor 'swagger', so it isn't OpenAPI.")
    info = mapping(document.get("info"))
    reader = _Reader(document)
    operations = list(reader.operations())
    return Reference(
        format=f"{'OpenAPI' if 'openapi' in document else 'Swagger'} {version}",
        title=text(info.get("title")),
        version=text(info.get("version")),
        description=text(info.get("description")) or text(info.get("summary")),
        facts=list(_facts(document)),
        entries=[*reader.in_groups(operations), *reader.schemas()],
        noun="operations",
    )


def server_origins(definition: str) -> list[str]:
    """Return the origins of the servers that a definition names with their whole address. Raises ``InputError``."""
    found = (urlsplit(url) for url in _servers(load_document(definition)))
    origins = (f"{url.scheme}://{url.netloc}" for url in found if url.scheme in {"http", "https"} and url.netloc)
    return list(dict.fromkeys(origin for origin in origins if _is_plain(origin)))


class _Reader:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._pointers = Pointers(document)
        self._schemas = Schemas(self._pointers)

    def operations(self) -> Iterator[Entry]:
        for path, item in mapping(self._document.get("paths")).items():
            yield from self._of_path(str(path), item)
        for name, item in mapping(self._document.get("webhooks")).items():
            yield from self._of_path(str(name), item, group=WEBHOOKS)

    def in_groups(self, operations: list[Entry]) -> list[Entry]:
        """Return operations in the order of the document's tags; those of other groups follow as they come."""
        tags = [text(mapping(tag).get("name")) for tag in items(self._document.get("tags"))]
        order = {group: place for place, group in enumerate(dict.fromkeys([*tags, *(one.group for one in operations)]))}
        return sorted(operations, key=lambda entry: order[entry.group])

    def schemas(self) -> Iterator[Entry]:
        found = mapping(mapping(self._document.get("components")).get("schemas"))
        found = found or mapping(self._document.get("definitions"))
        for name, schema in found.items():
            parts = partial(self._parts_of_schema, schema)
            summary = text(mapping(schema).get("description")).partition("\n")[0]
            yield Entry(str(name), badge="schema", tone="type", group=SCHEMAS, summary=summary, parts=parts)

    def _of_path(self, path: str, item: Any, group: str = "") -> Iterator[Entry]:
        resolved, _ = self._pointers.follow(item)
        for method in METHODS:
            operation = resolved.get(method)
            if not isinstance(operation, dict):
                continue
            tags = [tag for tag in items(operation.get("tags")) if isinstance(tag, str)]
            yield Entry(
                path,
                badge=method.upper(),
                tone=method,
                group=group or (tags[0] if tags else OPERATIONS),
                summary=text(operation.get("summary")) or text(operation.get("operationId")),
                is_deprecated=operation.get("deprecated") is True,
                parts=partial(self._parts, operation, items(resolved.get("parameters"))),
            )

    def _parts_of_schema(self, schema: Any) -> Iterator[Part]:
        if description := text(mapping(schema).get("description")):
            yield Text(description)
        yield self._schemas.table("Properties", schema)
        yield from _samples(mapping(schema))

    def _parts(self, operation: dict[str, Any], shared: list[Any]) -> Iterator[Part]:
        if description := text(operation.get("description")):
            yield Text(description)
        parameters = self._parameters([*shared, *items(operation.get("parameters"))])
        rows = [self._parameter(one) for one in parameters if one.get("in") != "body"]
        if rows:
            yield Fields("Parameters", rows)
        for parameter in parameters:
            if parameter.get("in") == "body":
                yield self._schemas.table("Body", parameter.get("schema"), note=text(parameter.get("description")))
        body, _ = self._pointers.follow(operation.get("requestBody"))
        yield from self._contents("Body", body)
        for status, response in mapping(operation.get("responses")).items():
            yield from self._response(str(status), response)

    def _parameters(self, parameters: list[Any]) -> list[dict[str, Any]]:
        """Return parameters by where they are; an operation's own take the place of its path's."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for parameter in parameters:
            resolved, _ = self._pointers.follow(parameter)
            if text(resolved.get("name")):
                found[text(resolved.get("in")), text(resolved.get("name"))] = resolved
        order = {place: number for number, place in enumerate(_PLACES)}
        return sorted(found.values(), key=lambda one: order.get(text(one.get("in")), len(order)))

    def _parameter(self, parameter: dict[str, Any]) -> Field:
        # Swagger 2 has the schema in the parameter itself.
        row = self._schemas.row(
            text(parameter.get("name")),
            parameter.get("schema", parameter),
            is_required=parameter.get("required") is True,
            note=text(parameter.get("description")),
        )
        place = f"in {text(parameter.get('in')) or 'query'}"
        example = parameter.get("example")
        rules = (place, *row.rules, *([f"example {shown(example)}"] if isinstance(example, str | int | float) else []))
        return Field(row.name, row.type, row.note, 0, row.is_required, parameter.get("deprecated") is True, rules)

    def _response(self, status: str, response: Any) -> Iterator[Part]:
        resolved, _ = self._pointers.follow(response)
        note = text(resolved.get("description"))
        title = f"Response {status}"
        if "schema" in resolved:
            yield self._schemas.table(title, resolved["schema"], note=note)
            for media, example in mapping(resolved.get("examples")).items():
                yield Sample(f"Example, {media}", shown(example))
            return
        parts = list(self._contents(title, resolved))
        yield from parts or [Fields(title, note=note)]

    def _contents(self, title: str, holder: dict[str, Any]) -> Iterator[Part]:
        note = text(holder.get("description"))
        for media, content in mapping(holder.get("content")).items():
            resolved = mapping(content)
            yield self._schemas.table(f"{title}, {media}", resolved.get("schema"), note=note)
            yield from _samples(resolved)
            for name, example in mapping(resolved.get("examples")).items():
                value, _ = self._pointers.follow(example)
                if "value" in value:
                    yield Sample(text(value.get("summary")) or str(name), shown(value["value"]))


def _samples(holder: dict[str, Any]) -> Iterator[Part]:
    if "example" in holder:
        yield Sample("Example", shown(holder["example"]))
    for example in items(holder.get("examples"))[:3]:
        yield Sample("Example", shown(example))


def _servers(document: dict[str, Any]) -> list[str]:
    urls = [text(mapping(server).get("url")) for server in items(document.get("servers"))]
    if not urls and text(document.get("host")):
        schemes = [text(scheme) for scheme in items(document.get("schemes"))] or ["https"]
        urls = [f"{scheme}://{text(document['host'])}{text(document.get('basePath'))}" for scheme in schemes]
    return [url for url in urls if url]


def _facts(document: dict[str, Any]) -> Iterator[Fact]:
    if servers := _servers(document):
        yield Fact("Servers", tuple(servers))
    schemes = mapping(mapping(document.get("components")).get("securitySchemes"))
    schemes = schemes or mapping(document.get("securityDefinitions"))
    if schemes:
        yield Fact("Security", tuple(f"{name_of(str(name))}: {_security(value)}" for name, value in schemes.items()))


def _security(scheme: Any) -> str:
    found = mapping(scheme)
    words = (text(found.get(key)) for key in ("type", "scheme", "in", "name"))
    return " ".join(word for word in words if word) or "see the definition"


def _is_plain(origin: str) -> bool:
    """Say whether an origin may stand in a policy: nothing in it ends a source or a directive, or means all."""
    return all(sign.isalnum() or sign in ".:-/[]" for sign in origin)
