"""What an address holds before it is registered. The catalog is asked over its API, as the person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from apps.catalog_import.conf import conf
from apps.catalog_import.queries.changes import changed_fields
from apps.catalog_import.queries.codeowners import codeowner_of
from portal.clients import catalog, catalog_sources
from portal.credentials import Credentials
from portal.entities import ANNOTATION_LOCATION, Entity, ref_of
from portal.errors import InputError
from portal.extensions.icons import kind_icon
from portal.extensions.presentation import title_of
from portal.integrations import ScmIntegration, scm_integrations
from portal.routes.urls import url_for

PLUGIN_ID = "catalog-import"
#: Owners to choose from; more of them are typed.
MOST_OWNERS = 500
_FILE = re.compile(r"\.ya?ml$", re.IGNORECASE)

#: ``new``: registering brings it. ``known``: it is in the catalog from this file. ``taken``: another file has the name.
EntityState = Literal["new", "known", "taken"]


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """An entity that a file holds, and what registering the file would do for it."""

    ref: str
    title: str
    kind: str
    description: str
    state: EntityState = "new"
    #: The location that has the name already.
    holder: str = ""
    #: Fields that differ in the catalog, of one that is ``known``.
    changes: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of the entity's page."""
        return entity_url(self.ref)

    @property
    def icon(self) -> str:
        """The icon of its kind."""
        return kind_icon(self.kind)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file with entities; ``is_registered`` says that it is a location of the catalog already."""

    target: str
    is_registered: bool
    entities: list[FoundEntity]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is at an address: files with entities, or else a proposal for one."""

    url: str
    files: list[FoundFile] = field(default_factory=list)
    proposal: Entity | None = None
    #: Whom the repository's CODEOWNERS file names, as a ref; empty if it names nobody.
    codeowner: str = ""
    #: How many more files the repository has that weren't looked into.
    files_left_out: int = 0


def look_at(url: str, *, credentials: Credentials) -> Finding:
    """Return what is at an address, without storing anything.

    The address of a file, or a pattern for several, is read as the catalog would read it. That of a repository is
    searched for such files. Raises ``InputError`` with what is wrong with the address or a file, ``NotAllowedError``.
    """
    if not url.lower().startswith(("http://", "https://")):
        raise InputError("Must start with http:// or https://.")
    sources = catalog_sources.acting_for(PLUGIN_ID, credentials)
    if is_file(url):
        found = sources.try_location(url)
        # The catalog looks at what it found last first.
        entities = [entity for entity in reversed(found.entities) if not _is_generated(entity)]
        if not entities:
            raise InputError("There are no entities at this location.")
        return Finding(url, _files([(url, found.existed, entity) for entity in entities], credentials))
    if scm_integrations().by_url(url) is None:
        raise InputError(
            "This URL was not recognized as a valid git URL because there was no configured integration that matched "
            f"the given host name. Paste the full URL of a {conf.entity_filename} file instead, or add the host to "
            "'integrations' in app-config.yaml."
        )
    analysis = sources.analyze_location(url, filename=conf.entity_filename)
    if analysis.existing:
        found_files = [(one.target, one.is_registered, one.entity) for one in analysis.existing]
        return Finding(url, _files(found_files, credentials), files_left_out=analysis.files_left_out)
    if not analysis.proposed:
        raise InputError("Couldn't generate entities for your repository.")
    return Finding(url, proposal=analysis.proposed[0], codeowner=codeowner_of(url))


def is_file(url: str) -> bool:
    """Say whether an address is that of a YAML file, or of several by a pattern, rather than of a repository."""
    parts = urlsplit(url)
    paths = [parts.path, *(value for name, value in parse_qsl(parts.query) if name == "path")]
    return any("*" in path or _FILE.search(path) for path in paths)


def integration_of(url: str) -> ScmIntegration | None:
    """Return the source host that an address is on; None if it isn't configured."""
    return scm_integrations().by_url(url)


def owners(*, credentials: Credentials) -> list[str]:
    """Return the refs of groups to choose an owner from, those that the person is in first."""
    page = catalog.acting_for(PLUGIN_ID, credentials).query_entities(
        filter="kind=group",
        fields=["kind", "metadata.name", "metadata.namespace"],
        order_by=[("metadata.name", "asc")],
        limit=MOST_OWNERS,
    )
    own: tuple[str, ...] = getattr(credentials.principal, "ownership_entity_refs", ())
    groups = [str(ref_of(entity)) for entity in page.items]
    return list(dict.fromkeys([*(ref for ref in own if ref.startswith("group:")), *groups]))


def entity_url(ref: str) -> str:
    """Return the address of an entity's page; empty if there is no such page."""
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    return url_for("catalog.catalogEntity", kind=kind, namespace=namespace, name=name) or ""


def _files(found: Iterable[tuple[str, bool, Entity]], credentials: Credentials) -> list[FoundFile]:
    """Gather entities by their file, each with what the catalog has under its name."""
    rows = list(found)
    refs = [str(ref_of(entity)) for _, _, entity in rows]
    there = catalog.acting_for(PLUGIN_ID, credentials).get_entities_by_refs(refs)
    known = {ref: entity for ref, entity in zip(refs, there, strict=True) if entity is not None}
    files: dict[str, FoundFile] = {}
    for target, is_registered, entity in rows:
        file = files.setdefault(target, FoundFile(target, is_registered, []))
        file.entities.append(_found(entity, known.get(str(ref_of(entity)))))
    return list(files.values())


def _found(entity: Entity, known: Entity | None) -> FoundEntity:
    """Return an entity of a file beside what the catalog has under its name."""
    ref = ref_of(entity)
    holder = _location_of(known) if known is not None else ""
    state: EntityState = "new" if known is None else "known" if holder == _location_of(entity) else "taken"
    description = entity["metadata"].get("description")
    return FoundEntity(
        ref=str(ref),
        title=title_of(entity),
        kind=ref.kind.lower(),
        description=description if isinstance(description, str) else "",
        state=state,
        holder=holder,
        changes=changed_fields(known, entity) if known is not None and state == "known" else [],
    )


def _location_of(entity: Entity) -> str:
    annotations: dict[str, Any] = entity.get("metadata", {}).get("annotations") or {}
    return str(annotations.get(ANNOTATION_LOCATION, ""))


def _is_generated(entity: Entity) -> bool:
    """Say whether an entity is the Location that the catalog makes for the file itself."""
    return entity["kind"] == "Location" and entity["metadata"]["name"].startswith("generated-")
