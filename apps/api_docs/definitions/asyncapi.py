"""AsyncAPI 2 and 3: what is sent and received on which channel, then messages and schemas."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from apps.api_docs.definitions.documents import Pointers, items, load_document, mapping, name_of, shown, text
from apps.api_docs.definitions.reference import Entry, Fact, Fields, Part, Reference, Sample, Text
from apps.api_docs.definitions.schemas import Schemas
from portal.errors import InputError

OPERATIONS = "Operations"
CHANNELS = "Channels"
MESSAGES = "Messages"
SCHEMAS = "Schemas"
MAX_EXAMPLES = 3


def read_asyncapi(definition: str) -> Reference:
    """Return the outline. Raises ``InputError`` for what is no AsyncAPI."""
    document = load_document(definition)
    version = text(document.get("asyncapi"))
    if not version:
        raise InputError("The definition has no 'asyncapi', so it isn't AsyncAPI.")
    info = mapping(document.get("info"))
    reader = _Reader(document)
    operations = reader.operations if "operations" in document else reader.actions
    return Reference(
        format=f"AsyncAPI {version}",
        title=text(info.get("title")),
        version=text(info.get("version")),
        description=text(info.get("description")),
        facts=list(_facts(document)),
        entries=[*operations(), *reader.channels(), *reader.messages(), *reader.schemas()],
        noun="operations",
    )


class _Reader:
    def __init__(self, document: dict[str, Any]) -> None:
        self._channels = mapping(document.get("channels"))
        self._operations = mapping(document.get("operations"))
        self._components = mapping(document.get("components"))
        self._pointers = Pointers(document)
        self._schemas = Schemas(self._pointers)

    def operations(self) -> Iterator[Entry]:
        """Yield what version 3 calls operations."""
        for name, value in self._operations.items():
            operation, _ = self._pointers.follow(value)
            channel, ref = self._pointers.follow(operation.get("channel"))
            messages = items(operation.get("messages")) or list(mapping(channel.get("messages")).values())
            yield Entry(
                text(channel.get("address")) or name_of(ref) or str(name),
                badge=text(operation.get("action")) or "operation",
                tone="event",
                group=OPERATIONS,
                summary=text(operation.get("summary")) or text(operation.get("title")) or str(name),
                parts=partial(self._parts, operation, channel, messages),
            )

    def actions(self) -> Iterator[Entry]:
        """Yield what version 2 has below its channels."""
        for name, value in self._channels.items():
            channel, _ = self._pointers.follow(value)
            for action in ("publish", "subscribe"):
                operation = channel.get(action)
                if not isinstance(operation, dict):
                    continue
                message = operation.get("message")
                messages = items(mapping(message).get("oneOf")) or ([message] if message else [])
                yield Entry(
                    str(name),
                    badge=action,
                    tone="event",
                    group=OPERATIONS,
                    summary=text(operation.get("summary")) or text(operation.get("operationId")),
                    is_deprecated=operation.get("deprecated") is True,
                    parts=partial(self._parts, operation, channel, messages),
                )

    def channels(self) -> Iterator[Entry]:
        for name, value in self._channels.items():
            channel, _ = self._pointers.follow(value)
            yield Entry(
                text(channel.get("address")) or str(name),
                badge="channel",
                group=CHANNELS,
                summary=text(channel.get("description")).partition("\n")[0] or text(channel.get("title")),
                parts=partial(self._channel, channel),
            )

    def messages(self) -> Iterator[Entry]:
        for name, value in mapping(self._components.get("messages")).items():
            message, _ = self._pointers.follow(value)
            summary = text(message.get("summary")) or text(message.get("title"))
            yield Entry(str(name), badge="message", tone="type", group=MESSAGES, summary=summary,
                        parts=partial(self._message, value))  # fmt: skip

    def schemas(self) -> Iterator[Entry]:
        for name, schema in mapping(self._components.get("schemas")).items():
            summary = text(mapping(schema).get("description")).partition("\n")[0]
            yield Entry(str(name), badge="schema", tone="type", group=SCHEMAS, summary=summary,
                        parts=partial(self._schema, schema))  # fmt: skip

    def _schema(self, schema: Any) -> Iterator[Part]:
        yield self._schemas.table("Properties", schema)

    def _parts(self, operation: dict[str, Any], channel: dict[str, Any], messages: list[Any]) -> Iterator[Part]:
        for holder in (operation, channel):
            if description := text(holder.get("description")):
                yield Text(description)
        yield from self._parameters(channel)
        for message in messages:
            yield from self._message(message)

    def _channel(self, channel: dict[str, Any]) -> Iterator[Part]:
        if description := text(channel.get("description")):
            yield Text(description)
        yield from self._parameters(channel)
        for message in mapping(channel.get("messages")).values():
            yield from self._message(message)
        if bindings := mapping(channel.get("bindings")):
            yield Sample("Bindings", shown(bindings))

    def _parameters(self, channel: dict[str, Any]) -> Iterator[Part]:
        found = []
        for name, value in mapping(channel.get("parameters")).items():
            parameter, _ = self._pointers.follow(value)
            schema = parameter.get("schema", {**parameter, "type": "string"})
            found.append(self._schemas.row(str(name), schema, note=text(parameter.get("description"))))
        if found:
            yield Fields("Parameters of the channel", found)

    def _message(self, value: Any) -> Iterator[Part]:
        message, ref = self._pointers.follow(value)
        called = text(message.get("name")) or text(message.get("title")) or name_of(ref) or "Message"
        note = text(message.get("summary")) or text(message.get("description"))
        media = text(message.get("contentType"))
        title = f"Message {called}, {media}" if media else f"Message {called}"
        payload = message.get("payload")
        # A payload of another schema language is wrapped in version 3, and beside its format in version 2.
        schema = mapping(payload).get("schema") if "schemaFormat" in mapping(payload) else payload
        described = f"{text(message.get('schemaFormat'))}{text(mapping(payload).get('schemaFormat'))}"
        if described and "json" not in described and "asyncapi" not in described:
            yield Fields(title, note=note)
            yield Sample(described, shown(schema))
        else:
            yield self._schemas.table(title, schema, note=note)
        if "headers" in message:
            yield self._schemas.table("Headers", message["headers"])
        for example in items(message.get("examples"))[:MAX_EXAMPLES]:
            found = mapping(example)
            yield Sample(text(found.get("name")) or "Example", shown(found.get("payload", example)))


def _facts(document: dict[str, Any]) -> Iterator[Fact]:
    servers = mapping(document.get("servers"))
    if servers:
        yield Fact("Servers", tuple(f"{name}: {_server(value)}" for name, value in servers.items()))
    if media := text(document.get("defaultContentType")):
        yield Fact("Content type", (media,))


def _server(value: Any) -> str:
    server = mapping(value)
    address = text(server.get("url")) or f"{text(server.get('host'))}{text(server.get('pathname'))}"
    return f"{address} ({text(server.get('protocol'))})" if text(server.get("protocol")) else address
