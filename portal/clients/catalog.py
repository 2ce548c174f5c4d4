"""The catalog as other plugins see it (Backstage's ``catalog-client``).

``catalog.acting_for("search").iter_entities(filter=["kind=api"])``
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, cast
from urllib.parse import quote

from portal.clients.base import PluginClient
from portal.credentials import Credentials
from portal.entities import Entity, EntityRef, Predicate, parse_ref
from portal.errors import NotFoundError
from portal.extensions import ApiRef, get_api

#: Entities in one request of ``iter_entities``.
PAGE_SIZE = 500
#: Refs in one request of ``get_entities_by_refs``.
REFS_AT_ONCE = 1000

RefLike = EntityRef | str
#: What ``by-query`` filters with: texts such as ``kind=api,spec.type=openapi``, any of which may match.
Filter = Sequence[str] | str


@dataclass(frozen=True)
class EntityPage:
    """A page of entities, the number of all, and the cursors of its neighbours."""

    items: list[Entity] = field(default_factory=list)
    total: int = 0
    next_cursor: str | None = None
    previous_cursor: str | None = None


@dataclass(frozen=True)
class RegisteredLocation:
    """A location that was registered through the API."""

    id: str
    type: str
    target: str
    entity_ref: str = ""

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> RegisteredLocation:
        """Read the wire form."""
        return cls(value["id"], value["type"], value["target"], value.get("entityRef", ""))


@dataclass(frozen=True)
class FoundLocation:
    """What registering a location gave: the location, the entities that a dry run found, and whether it was there."""

    location: RegisteredLocation
    entities: list[Entity] = field(default_factory=list)
    existed: bool = False


class CatalogClient(PluginClient):
    """Asks the catalog. Refs are taken in any of their forms, with a kind; entities are plain JSON."""

    plugin_id: ClassVar[str] = "catalog"

    def get_entity(self, ref: RefLike) -> Entity | None:
        """Return an entity, or None if there is none that the caller may see."""
        try:
            found: Entity = self._request("GET", self._path_of(ref)).json()
        except NotFoundError:
            return None
        return found

    def get_entities_by_refs(
        self, refs: Iterable[RefLike], *, fields: Sequence[str] = (), filter: Filter = ()
    ) -> list[Entity | None]:
        """Return an entity for each ref, in their order; None where there is none."""
        canonical = [str(parse_ref(ref)) for ref in refs]
        found: list[Entity | None] = []
        for start in range(0, len(canonical), REFS_AT_ONCE):
            body = {"entityRefs": canonical[start : start + REFS_AT_ONCE], "fields": list(fields)}
            answer = self._request("POST", "/entities/by-refs", params={"filter": _texts(filter)}, json=body)
            found += answer.json()["items"]
        return found

    def query_entities(
        self,
        *,
        filter: Filter = (),
        fields: Sequence[str] = (),
        order_by: Sequence[tuple[str, str]] = (),
        full_text: str = "",
        full_text_fields: Sequence[str] = (),
        limit: int | None = None,
        offset: int | None = None,
        cursor: str | None = None,
    ) -> EntityPage:
        """Return a page. ``order_by`` holds pairs of field and direction; a cursor brings its question along."""
        params: dict[str, Any] = {"fields": ",".join(fields) or None, "limit": limit}
        if cursor is not None:
            params["cursor"] = cursor
        else:
            params |= {
                "filter": _texts(filter),
                "orderField": [f"{name},{direction}" for name, direction in order_by],
                "fullTextFilterTerm": full_text or None,
                "fullTextFilterFields": ",".join(full_text_fields) or None,
                "offset": offset,
            }
        return _page(self._request("GET", "/entities/by-query", params=params).json())

    def find_entities(
        self,
        query: Predicate,
        *,
        fields: Sequence[str] = (),
        order_by: Sequence[tuple[str, str]] = (),
        full_text: str = "",
        full_text_fields: Sequence[str] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> EntityPage:
        """Return a page of the entities that a predicate matches; ``query_entities`` follows its cursors."""
        body: dict[str, Any] = {"query": query, "fields": list(fields), "offset": offset}
        body["orderBy"] = [{"field": name, "order": direction} for name, direction in order_by]
        if limit is not None:
            body["limit"] = limit
        if full_text:
            body["fullTextFilter"] = {"term": full_text, "fields": list(full_text_fields)}
        return _page(self._request("POST", "/entities/by-query", json=body).json())

    def iter_entities(
        self, *, filter: Filter = (), fields: Sequence[str] = (), page_size: int = PAGE_SIZE
    ) -> Iterator[Entity]:
        """Yield every entity, a page at a time. What changes meanwhile may be seen or not; nothing else is left out."""
        page = self.query_entities(filter=filter, fields=fields, limit=page_size)
        yield from page.items
        while page.next_cursor:
            page = self.query_entities(cursor=page.next_cursor, fields=fields, limit=page_size)
            yield from page.items

    def count_entities(self, *, filter: Filter = ()) -> int:
        """Return how many entities there are."""
        return self.query_entities(filter=filter, limit=0).total

    def get_facets(self, facets: Sequence[str], *, filter: Filter = ()) -> dict[str, dict[str, int]]:
        """Return for each facet its values and how often they occur."""
        params = {"facet": list(facets), "filter": _texts(filter)}
        return _counts(facets, self._request("GET", "/entity-facets", params=params).json())

    def count_values(self, facets: Sequence[str], query: Predicate) -> dict[str, dict[str, int]]:
        """Return the same as ``get_facets``, of the entities that a predicate matches."""
        body = {"facets": list(facets), "query": query}
        return _counts(facets, self._request("POST", "/entity-facets", json=body).json())

    def get_ancestry(self, ref: RefLike) -> list[tuple[Entity, list[str]]]:
        """Return the entity and what led to it, each with its parents' refs. Raises ``NotFoundError``."""
        answer = self._request("GET", f"{self._path_of(ref)}/ancestry").json()
        return [(item["entity"], item["parentEntityRefs"]) for item in answer["items"]]

    def refresh_entity(self, ref: RefLike) -> None:
        """Have an entity's file read again. Raises ``NotFoundError``."""
        self._request("POST", "/refresh", json={"entityRef": str(parse_ref(ref))})

    def register_location(self, target: str, *, type: str = "url", dry_run: bool = False) -> FoundLocation:
        """Register a location, or only say what is there. Raises ``ConflictError`` if it is registered already."""
        params = {"dryRun": "true"} if dry_run else None
        answer = self._request("POST", "/locations", params=params, json={"type": type, "target": target}).json()
        location = RegisteredLocation.of(answer["location"])
        return FoundLocation(location, answer.get("entities", []), bool(answer.get("exists")))

    def get_locations(self) -> list[RegisteredLocation]:
        """Return the registered locations."""
        return [RegisteredLocation.of(item["data"]) for item in self._request("GET", "/locations").json()]

    def remove_location(self, id: str) -> None:
        """Remove a registered location and what it led to. Raises ``NotFoundError``."""
        self._request("DELETE", f"/locations/{quote(id, safe='')}")

    def _path_of(self, ref: RefLike) -> str:
        parsed = parse_ref(ref)
        parts = (quote(part, safe="") for part in (parsed.kind, parsed.namespace, parsed.name))
        return f"/entities/by-name/{'/'.join(parts)}"


def _page(answer: Mapping[str, Any]) -> EntityPage:
    info = answer["pageInfo"]
    return EntityPage(answer["items"], answer["totalItems"], info.get("nextCursor"), info.get("prevCursor"))


def _counts(facets: Sequence[str], answer: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    found = answer["facets"]
    return {facet: {item["value"]: item["count"] for item in found[facet]} for facet in facets}


def _texts(filter: Filter) -> list[str]:
    return [filter] if isinstance(filter, str) else list(filter)


catalog_api: ApiRef[CatalogClient] = ApiRef("plugin.catalog.service", CatalogClient)


class _ProvidedCatalog(CatalogClient):
    """Binds the client that the utility API provides, so that a module may put another one in its place."""

    def acting_for(self, caller: str, credentials: Credentials | None = None) -> Self:
        """Return the provided client, bound; the portal's own where nobody provides one."""
        try:
            client = get_api(catalog_api)
        except LookupError:
            client = CatalogClient()
        return cast("Self", client.acting_for(caller, credentials))


#: The portal's own view of the catalog; a plugin takes ``catalog.acting_for("<its id>")``.
catalog = _ProvidedCatalog()
