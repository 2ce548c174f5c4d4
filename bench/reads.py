"""The reads that are measured: what is asked of the API, and the bare SQL that fetches the same rows.

The requests go round names, owners and words that the catalog has, so that no answer is only ever the last one again.
The SQL is written by hand, against the tables as they are: it is the limit, what somebody would run who had only the
database and a driver. Where the API says a total, the SQL counts too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bench.portal import NotMeasured, Portal

API = "/api/catalog"
NAMES, OWNERS, PAGE = 100, 20, 20
WORDS = ("billing", "order", "payment-", "cart", "fraud", "stock", "wallet", "video", "queue", "tax")

Statement = tuple[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request: a GET, or a POST of a JSON ``body``; and the statements that fetch the same from the database."""

    path: str
    bare: Sequence[Statement]
    body: Any = None


@dataclass(frozen=True, slots=True)
class Read:
    """A named set of requests of one kind, which are asked in turn."""

    name: str
    requests: Sequence[Request]


def reads(portal: Portal, only: Iterable[str] = ()) -> list[Read]:
    """Return all reads, or those of these names, for the catalog that a portal has. Raises ``NotMeasured``."""
    wanted = set(only)
    names, owners = _names(portal), _owners(portal)
    found = [
        Read("by-name", [_by_name(name) for name in names]),
        Read("by-query-page", [_page()]),
        Read("by-query-owner-sorted", [_owned(owner) for owner in owners]),
        Read("by-query-fulltext", [_full_text(word) for word in WORDS]),
        Read("facets", [_facets()]),
        Read("entities-all-components", [_all_components()]),
        Read("by-refs-100", [_by_refs(names)]),
    ]
    unknown = wanted - {read.name for read in found}
    if unknown:
        raise NotMeasured(
            f"There is no read {', '.join(sorted(unknown))}; there are {', '.join(r.name for r in found)}."
        )
    return [read for read in found if not wanted or read.name in wanted]


def _names(portal: Portal) -> list[str]:
    query = "limit=500&filter=kind=component&orderField=metadata.name,asc&fields=metadata.name"
    items = portal.ask_json(f"{API}/entities/by-query?{query}")["items"]
    names = [str(item["metadata"]["name"]) for item in items]
    if not names:
        raise NotMeasured(f"The catalog at {portal.base} has no components to ask for.")
    return names[:: max(1, len(names) // NAMES)][:NAMES]


def _owners(portal: Portal) -> list[str]:
    facets = portal.ask_json(f"{API}/entity-facets?facet=relations.ownedBy&filter=kind=component")["facets"]
    return sorted(str(facet["value"]) for facet in facets["relations.ownedBy"])[:OWNERS]


def _by_name(name: str) -> Request:
    statement = "SELECT final_entity FROM catalog_finalentity WHERE entity_ref = %s"
    return Request(
        f"{API}/entities/by-name/component/default/{quote(name)}",
        [(statement, [f"component:default/{name}".lower()])],
    )


def _by_refs(names: Sequence[str]) -> Request:
    refs = [f"component:default/{name}" for name in names]
    places = ", ".join(["%s"] * len(refs))
    statement = f"SELECT entity_ref, final_entity FROM catalog_finalentity WHERE entity_ref IN ({places})"
    return Request(f"{API}/entities/by-refs", [(statement, [ref.lower() for ref in refs])], {"entityRefs": refs})


COMPONENTS = "FROM catalog_searchentry WHERE key = 'kind' AND value = 'component'"


def _page() -> Request:
    total = "SELECT sum(count) FROM catalog_entitycount WHERE key = 'kind' AND value = 'component'"
    return Request(
        f"{API}/entities/by-query?limit={PAGE}&filter=kind=component",
        [(_texts(f"SELECT entity_id, entity_id AS place {COMPONENTS} ORDER BY 2 LIMIT {PAGE}"), []), (total, [])],
    )


def _all_components() -> Request:
    statement = _texts(f"SELECT entity_id, entity_id AS place {COMPONENTS}")
    return Request(f"{API}/entities?filter=kind=component", [(statement, [])])


def _owned(owner: str) -> Request:
    chosen = (
        "FROM catalog_searchentry owner JOIN catalog_entitysummary summary ON summary.entity_id = owner.entity_id "
        "WHERE owner.key = 'relations.ownedby' AND owner.value = %s AND summary.kind = 'component'"
    )
    return Request(
        f"{API}/entities/by-query?limit={PAGE}&filter=kind=component,relations.ownedBy={quote(owner, safe='')}"
        "&orderField=metadata.name,asc",
        _sorted_by_name(chosen, [owner.lower()]),
    )


def _full_text(word: str) -> Request:
    chosen = (
        "FROM catalog_entitysummary summary WHERE summary.kind = 'component' "
        "AND (summary.name LIKE %s OR summary.title LIKE %s OR summary.description LIKE %s)"
    )
    return Request(
        f"{API}/entities/by-query?limit={PAGE}&filter=kind=component&orderField=metadata.name,asc"
        f"&fullTextFilterTerm={quote(word)}&fullTextFilterFields=metadata.name,metadata.title,metadata.description",
        _sorted_by_name(chosen, [f"%{word}%"] * 3),
    )


def _facets() -> Request:
    statement = (
        "SELECT key, original_value, sum(count) FROM catalog_entitycount "
        "WHERE key IN ('kind', 'spec.type') GROUP BY 1, 2"
    )
    return Request(f"{API}/entity-facets?facet=kind&facet=spec.type", [(statement, [])])


def _sorted_by_name(chosen: str, parameters: Sequence[Any]) -> list[Statement]:
    page = f"SELECT summary.entity_id, summary.name AS place {chosen} ORDER BY 2, 1 LIMIT {PAGE}"
    return [(_texts(page), parameters), (f"SELECT count(*) {chosen}", parameters)]


def _texts(chosen: str) -> str:
    """Return the statement for the texts of chosen entities, which are sorted first: no text is sorted along."""
    return (
        f"SELECT final.final_entity FROM ({chosen}) chosen "
        "JOIN catalog_finalentity final ON final.entity_id = chosen.entity_id "
        "ORDER BY chosen.place, chosen.entity_id"
    )
