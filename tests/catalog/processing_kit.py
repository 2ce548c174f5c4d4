"""What the tests of processing share: a pipeline without services, entities, and a web made of a dictionary."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatch
from typing import Any

from apps.catalog.conf import CatalogConf
from apps.catalog.extension_points import Processor
from apps.catalog.processing.annotate_location import AnnotateLocationEntityProcessor
from apps.catalog.processing.builtin_kinds import BuiltinKindsEntityProcessor
from apps.catalog.processing.file_reader import FileReaderProcessor
from apps.catalog.processing.orchestrator import Orchestrator
from apps.catalog.processing.placeholders import PlaceholderProcessor
from apps.catalog.processing.rules import CatalogRules
from apps.catalog.processing.url_reader import UrlReaderProcessor
from portal.config import Config
from portal.config.sources import Layer
from portal.entities import ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION
from portal.errors import InputError, NotAllowedError, NotFoundError, NotModifiedError
from portal.integrations import ScmIntegrations
from portal.services.url_reader import SearchFile, SearchResponse, Tree, TreeFilter, UrlReaderService, UrlResponse

ALL_KINDS = ["Component", "API", "Resource", "System", "Domain", "Group", "User", "Location", "Template"]


class FakeUrlReader(UrlReaderService):
    """Serves the files in ``files`` with ETags, and counts what it is asked."""

    def __init__(self, files: Mapping[str, bytes | str] | None = None) -> None:
        self.files = {**(files or {})}
        self.asked: list[str] = []

    def read_url(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified_after: datetime | None = None,
        max_bytes: int | None = None,
        token: str | None = None,
    ) -> UrlResponse:
        self.asked.append(url)
        if "not-allowed" in url:
            raise NotAllowedError(f"Reading {url} isn't allowed by the configuration.")
        if url not in self.files:
            raise NotFoundError(f"There is no file at {url}.")
        content = self.files[url]
        content = content.encode() if isinstance(content, str) else content
        now = hashlib.sha1(content).hexdigest()
        if etag == now:
            raise NotModifiedError
        return UrlResponse(content, now)

    def search(self, url: str, *, etag: str | None = None) -> SearchResponse:
        if "*" in url:
            matches = [name for name in self.files if fnmatch(name, url)]
            return SearchResponse(tuple(SearchFile(name, self.read_url(name).content) for name in matches), "")
        try:
            found = self.read_url(url, etag=etag)
        except NotFoundError:
            return SearchResponse((), "")
        return SearchResponse((SearchFile(url, found.content),), found.etag or "")

    def read_tree(
        self, url: str, *, etag: str | None = None, filter: TreeFilter | None = None, token: str | None = None
    ) -> Tree:
        raise InputError(f"{url} has no folders.")


class RecordingLogger:
    """Keeps what is logged, as ``(level, event, fields)``."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def __getattr__(self, level: str) -> Any:
        return lambda event, **fields: self.lines.append((level, event, fields))


def conf(**catalog: Any) -> CatalogConf:
    """Return the catalog's configuration as it would be with this under ``catalog``."""
    return CatalogConf(Config([Layer("app-config.yaml", {"catalog": catalog})]))


def source_hosts(**integrations: Any) -> ScmIntegrations:
    """Return the public source hosts, and those that this under ``integrations`` would configure."""
    return ScmIntegrations.from_config(Config.of({"integrations": integrations}))


def pipeline(
    *added: Processor,
    reader: FakeUrlReader | None = None,
    rules: list[Any] | None = None,
    allowed_types: Sequence[str] = ("url",),
    hosts: dict[str, Any] | None = None,
    logger: Any = None,
    processors: Sequence[Processor] | None = None,
) -> Any:
    """Return an orchestrator with the default processors, and then ``added``; by default all kinds are allowed."""
    reader, integrations = reader or FakeUrlReader(), source_hosts(**(hosts or {}))
    if processors is None:
        processors = [
            PlaceholderProcessor(reader, integrations),
            BuiltinKindsEntityProcessor(),
            FileReaderProcessor(),
            UrlReaderProcessor(reader),
            AnnotateLocationEntityProcessor(integrations),
        ]
    return Orchestrator(
        processors=[*processors, *added],
        rules=CatalogRules.from_conf(conf(rules=[{"allow": ALL_KINDS}] if rules is None else rules)),
        allowed_types=allowed_types,
        integrations=integrations,
        logger=logger or RecordingLogger(),
    )


def entity(
    kind: str = "Component",
    name: str = "shop",
    *,
    location: str = "file:/catalog/all.yaml",
    origin: str | None = None,
    spec: dict[str, Any] | None = None,
    annotations: dict[str, Any] | None = None,
    **metadata: Any,
) -> dict[str, Any]:
    """Return an entity as the pipeline gets it."""
    if spec is None:
        spec = {"type": "service", "lifecycle": "production", "owner": "team-a"} if kind == "Component" else {}
    own = {ANNOTATION_LOCATION: location, ANNOTATION_ORIGIN_LOCATION: origin or location}
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "annotations": own | (annotations or {}), **metadata},
        "spec": spec,
    }


def location(
    *targets: str, at: str = "file:/catalog/all.yaml", origin: str | None = None, **spec: Any
) -> dict[str, Any]:
    """Return a Location entity that points at ``targets``."""
    return entity("Location", "files", location=at, origin=origin, spec={"targets": list(targets), **spec})


def names(result: Any) -> list[str]:
    """Return the names of the entities that a run emitted, in order."""
    return [deferred.entity["metadata"]["name"] for deferred in result.deferred]


def messages(result: Any) -> list[str]:
    """Return what a run complained about."""
    return [error.message for error in result.errors]
