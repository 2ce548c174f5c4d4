"""What the catalog knows about APIs, asked for over its API, whatever process it is in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from portal.clients import catalog
from portal.credentials import Credentials, UserPrincipal
from portal.entities import TITLE_FIELDS, Entity, EntityRef, Predicate, parse_ref, stringify_ref
from portal.errors import InputError, NotFoundError
from portal.extensions import ask_api
from portal.extensions.presentation import title_of
from portal.extensions.starred import starred_entities_api

CALLER = "api-docs"
#: The filters, by their names in Backstage's addresses, and whose APIs there may be a list of.
FIELDS = {
    "type": "spec.type",
    "owners": "relations.ownedBy",
    "lifecycles": "spec.lifecycle",
    "tags": "metadata.tags",
    "namespace": "metadata.namespace",
}
OWNED, STARRED, EVERYBODYS = "owned", "starred", "all"
#: What a row of the list needs; definitions are large and stay where they are.
ROW_FIELDS = (
    "kind",
    *(f"metadata.{name}" for name in ("name", "namespace", "title", "description", "tags")),
    "spec.type",
    "spec.lifecycle",
    "relations",
)
#: Stars that the list is made of, the latest.
MAX_STARRED = 200
#: Where a text is looked for.
SEARCHED_FIELDS = ("metadata.name", "metadata.title", "metadata.tags", "metadata.description")


@dataclass(frozen=True, slots=True)
class ApiListing:
    """A page of APIs by name, how many there are in all, and where the page starts."""

    items: list[Entity]
    total: int
    offset: int = 0


def api_listing(
    filters: Mapping[str, Collection[str]],
    *,
    credentials: Credentials,
    whose: str = EVERYBODYS,
    text: str = "",
    limit: int,
    offset: int = 0,
) -> ApiListing:
    """Return a page of the APIs that the filters leave. An offset beyond the end gives the last page.

    One request, and another one for such an offset.
    """
    client = catalog.acting_for(CALLER, credentials)
    query: Predicate = {"$all": [_scope(whose, credentials), *_conditions(filters)]}

    def page_at(start: int) -> ApiListing:
        found = client.find_entities(
            query,
            fields=ROW_FIELDS,
            order_by=[("metadata.name", "asc")],
            full_text=text,
            full_text_fields=SEARCHED_FIELDS,
            limit=limit,
            offset=start,
        )
        return ApiListing(found.items, found.total, start)

    listing = page_at(offset)
    if listing.items or not listing.total:
        return listing
    return page_at((listing.total - 1) // limit * limit)


def api_facets(*, credentials: Credentials, whose: str = EVERYBODYS) -> dict[str, dict[str, int]]:
    """Return what the filters offer, by the name of the filter: values, and how many APIs have them. One request."""
    client = catalog.acting_for(CALLER, credentials)
    counts = client.count_values(list(FIELDS.values()), _scope(whose, credentials))
    return {param: counts[field] for param, field in FIELDS.items()}


def titles_of(refs: Collection[str], *, credentials: Credentials) -> dict[str, str]:
    """Return what those entities are called that exist and may be seen, by canonical ref. One request."""
    if not refs:
        return {}
    wanted = sorted(refs)
    found = catalog.acting_for(CALLER, credentials).get_entities_by_refs(wanted, fields=TITLE_FIELDS)
    return {ref: title_of(entity) for ref, entity in zip(wanted, found, strict=True) if entity is not None}


def api_by_name(namespace: str, name: str, *, credentials: Credentials) -> Entity:
    """Return an API as it is in the catalog. Raises ``NotFoundError``."""
    ref = EntityRef("api", namespace, name)
    entity = catalog.acting_for(CALLER, credentials).get_entity(ref)
    if entity is None:
        raise NotFoundError(f"There is no API {ref} in the catalog, or you may not see it.")
    return entity


def canonical_owner(value: str) -> str:
    """Return the ref that an owner in an address means, which may be short; what is no ref stays as it is."""
    try:
        return stringify_ref(value if ":" in value else f"group:{value}")
    except InputError:
        return value


def starred_apis(credentials: Credentials) -> list[str] | None:
    """Return the refs of the APIs that somebody starred; None where nobody keeps stars, or nobody is asking."""
    principal = credentials.principal
    if not isinstance(principal, UserPrincipal):
        return None
    starred = ask_api(starred_entities_api, lambda api: api.starred(principal.user_entity_ref), None)
    return None if starred is None else [ref for ref in starred if ref.startswith("api:")][:MAX_STARRED]


def _scope(whose: str, credentials: Credentials) -> Predicate:
    kind: Predicate = {"kind": "API"}
    principal = credentials.principal
    if whose == OWNED:
        refs = list(principal.ownership_refs) if isinstance(principal, UserPrincipal) else []
        return {"$all": [kind, {"relations.ownedBy": {"$in": refs}}]}
    if whose == STARRED:
        stars = [parse_ref(ref) for ref in starred_apis(credentials) or ()]
        return {
            "$all": [
                kind,
                {"$any": [{"metadata.namespace": star.namespace, "metadata.name": star.name} for star in stars]},
            ]
        }
    return kind


def _conditions(filters: Mapping[str, Collection[str]]) -> list[Predicate]:
    conditions: list[Predicate] = []
    for param, values in filters.items():
        if param == "tags":
            # An API must have every chosen tag; of the other filters, one of the values.
            conditions += ({FIELDS[param]: {"$contains": value}} for value in values)
        elif values:
            wanted = map(canonical_owner, values) if param == "owners" else values
            conditions.append({FIELDS[param]: {"$in": list(wanted)}})
    return conditions
