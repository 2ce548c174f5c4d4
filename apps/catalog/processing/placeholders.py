"""The processor that replaces placeholders: ``{$text: ./README.md}`` becomes the text of that file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from operator import is_
from typing import Any

import orjson

from apps.catalog.extension_points import (
    JSON,
    Placeholder,
    PlaceholderResolver,
    ProcessingContext,
    Processor,
)
from apps.catalog.processing.files import read_file
from portal.entities import MAX_BYTES, Entity, LocationRef, parse_documents
from portal.errors import ConflictError, InputError, NotAllowedError, PortalError
from portal.integrations import ScmIntegrations, is_absolute
from portal.services.url_reader import UrlReaderService


class PlaceholderProcessor(Processor):
    """Replaces every object whose only key is a dollar sign and the name of a resolver.

    An object with further keys, or with a name that nobody resolves, is data: it stays as it is, and so does all
    that is inside. The ``$ref`` of a JSON schema is why.
    """

    name = "PlaceholderProcessor"
    repeatable = True

    def __init__(
        self,
        reader: UrlReaderService,
        integrations: ScmIntegrations,
        resolvers: Mapping[str, PlaceholderResolver] | None = None,
    ) -> None:
        """Take resolvers beside the built-in ones. Raises ``ConflictError`` if one would replace a built-in one."""
        if taken := BUILTIN_RESOLVERS.keys() & (resolvers or {}).keys():
            raise ConflictError(f"The placeholder '${min(taken)}' is built in; a module can't bring its own.")
        self._reader = reader
        self._integrations = integrations
        self._resolvers = {**BUILTIN_RESOLVERS, **(resolvers or {})}

    def pre_process_entity(self, entity: Entity, context: ProcessingContext) -> Entity:
        replaced: Entity = self._replace(entity, context)
        return replaced

    def _replace(self, data: JSON, context: ProcessingContext) -> JSON:
        """Return ``data`` with its placeholders replaced; the same object if there are none."""
        if isinstance(data, list):
            items = [self._replace(item, context) for item in data]
            return data if all(map(is_, items, data)) else items
        if not isinstance(data, dict):
            return data
        for key in data:
            if key[:1] == "$":
                return self._resolve(data, context)
        changed = None
        for key, value in data.items():
            if isinstance(value, (dict, list)) and (new := self._replace(value, context)) is not value:
                changed = changed or dict(data)
                changed[key] = new
        return data if changed is None else changed

    def _resolve(self, data: dict[str, JSON], context: ProcessingContext) -> JSON:
        if len(data) != 1:
            return data
        ((key, value),) = data.items()
        resolver = self._resolvers.get(key[1:])
        if resolver is None:
            return data
        return resolver(_Placeholder(key[1:], value, context, self._reader, self._integrations))


class _Placeholder(Placeholder):
    def __init__(
        self,
        key: str,
        value: JSON,
        context: ProcessingContext,
        reader: UrlReaderService,
        integrations: ScmIntegrations,
    ) -> None:
        self.key = key
        self.value = value
        self._context = context
        self._reader = reader
        self._integrations = integrations

    def resolve(self, target: JSON, base: LocationRef | None = None) -> LocationRef:
        if not isinstance(target, str) or not target.strip() or "\0" in target:
            raise InputError(
                f"Placeholder ${self.key} takes an absolute URL or a path relative to the entity's file; "
                f"found {target!r}."
            )
        base = base or self._context.location
        if base.type == "file" and not is_absolute(target):
            return LocationRef("file", self._within_tree(target, base))
        url = self._integrations.resolve_url(target, base.target if base.type == "url" else "")
        self._require_same_repository(url)
        return LocationRef("url", url)

    def read(self, source: LocationRef) -> bytes:
        self._context.emit.refresh_key(str(source))
        try:
            if source.type == "file":
                return read_file(source.target)
            return self._reader.read_url(source.target, max_bytes=MAX_BYTES).content
        except PortalError as error:
            raise InputError(f"Placeholder ${self.key}: {error}") from error

    def _within_tree(self, target: str, base: LocationRef) -> str:
        """Return the absolute path, which must lie in the folder of the entity's file or of the registered location.

        Whoever may write an entity must not be able to publish any file of the machine by it.
        """
        folders = [os.path.dirname(self._context.location.target)]  # noqa: PTH120
        if self._context.origin_location.type == "file":
            folders.append(os.path.dirname(self._context.origin_location.target))  # noqa: PTH120
        path = os.path.normpath(os.path.join(os.path.dirname(base.target), target))  # noqa: PTH118, PTH120
        real = os.path.realpath(path)
        if not any(os.path.commonpath([real, folder]) == folder for folder in map(os.path.realpath, folders)):
            raise NotAllowedError(
                f"Placeholder ${self.key} may read files in or below the folder of the entity's file, or of the "
                f"location that led to it; {target} is outside."
            )
        return path

    def _require_same_repository(self, url: str) -> None:
        """Raise if both files lie in repositories, and not in the same: credentials for one must not open another."""
        if self._context.location.type != "url":
            return
        own, other = map(self._integrations.repository_of, (self._context.location.target, url))
        if own and other and own != other:
            raise NotAllowedError(
                f"Placeholder ${self.key} points at {url}, in another repository than the entity's own "
                f"({own.host}/{own.full_name}); copy the file into that."
            )


def resolve_text(placeholder: Placeholder) -> JSON:
    """Return the file's content as a string."""
    return _text(placeholder, placeholder.read(placeholder.resolve(placeholder.value)))


def resolve_json(placeholder: Placeholder) -> JSON:
    """Return what the file says, as JSON."""
    content = placeholder.read(placeholder.resolve(placeholder.value))
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InputError(f"Placeholder $json: {placeholder.value} is no JSON: {error}.") from error


def resolve_yaml(placeholder: Placeholder) -> JSON:
    """Return what the file says, as YAML; there must be exactly one document in it."""
    content = placeholder.read(placeholder.resolve(placeholder.value))
    try:
        documents = parse_documents(content)
        for document in documents:
            if document.error is not None:
                raise document.error
    except InputError as error:
        raise InputError(f"Placeholder $yaml: {placeholder.value} is no YAML: {error}") from error
    if len(documents) != 1:
        raise InputError(
            f"Placeholder $yaml: {placeholder.value} must hold exactly one YAML document; it has {len(documents)}."
        )
    return documents[0].value


def _text(placeholder: Placeholder, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"Placeholder ${placeholder.key}: {placeholder.value} is not text in UTF-8 (byte {error.start})."
        ) from error


BUILTIN_RESOLVERS: dict[str, Any] = {"text": resolve_text, "json": resolve_json, "yaml": resolve_yaml}
