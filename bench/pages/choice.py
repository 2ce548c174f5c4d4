"""Which pages are measured: the main ones, and of each kind of entity the one with the most around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from bench.portal import NotMeasured, Portal

API = "/api/catalog"
#: What a page without entities has in its first HTML.
HEADING = "<h1"


@dataclass(frozen=True, slots=True)
class Page:
    """A page to measure. ``shows`` is a piece of its first HTML that is only there with its content."""

    name: str
    path: str
    shows: str = HEADING
    status: int = 200


def pages(portal: Portal, only: Iterable[str] = ()) -> list[Page]:
    """Return all pages, or those of these names, for the catalog that a portal has. Raises ``NotMeasured``."""
    wanted, found = set(only), list(_pages(portal))
    if unknown := wanted - {page.name for page in found}:
        names = ", ".join(page.name for page in found)
        raise NotMeasured(f"There is no page {', '.join(sorted(unknown))}; there are {names}.")
    return [page for page in found if not wanted or page.name in wanted]


def _pages(portal: Portal) -> Iterator[Page]:
    component = _most_named(portal, "relations.dependsOn", "component:")
    resource = _most_named(portal, "relations.dependsOn", "resource:")
    api = _most_named(portal, "relations.consumesApi", "api:")
    system = _most_named(portal, "relations.partOf", "system:")
    domain = _most_named(portal, "relations.partOf", "domain:")
    group = _most_named(portal, "relations.memberOf", "group:")
    user = _first(portal, f"kind=user,relations.memberOf={group}")
    yield Page("home", "/home")
    yield Page("catalog", "/catalog", _links_to("component"))
    yield Page("component", _path(component), _path(_owner(portal, component)))
    yield Page("api", _path(api), _path(_owner(portal, api)))
    yield Page("resource", _path(resource), _path(_owner(portal, resource)))
    yield Page("system", _path(system), _path(_first(portal, f"kind=component,relations.partOf={system}")))
    yield Page("domain", _path(domain), _path(_first(portal, f"kind=system,relations.partOf={domain}")))
    yield Page("group", _path(group), _path(user))
    yield Page("user", _path(user), _path(group))
    # Two steps from a group is what it owns, and what that hangs together with.
    yield Page("graph", f"/catalog-graph?rootEntityRefs[]={quote(group, safe=':/')}&maxDepth=2", _path(group))
    yield Page("api-explorer", "/api-docs", _links_to("api"))
    yield Page("api-definition", f"{_path(api)}/definition", 'data-extension="entity-content:api-docs/definition"')
    yield Page("register", "/catalog-import")
    yield Page("settings", "/settings/general")
    yield Page("unprocessed", "/catalog-unprocessed-entities")
    yield Page("not-found", "/no-such-page", status=404)


def _most_named(portal: Portal, relation: str, prefix: str) -> str:
    """Return the ref that most entities are related to, of those that begin with a kind."""
    facets = portal.ask_json(f"{API}/entity-facets?facet={relation}")["facets"][relation]
    found = [facet for facet in facets if facet["value"].startswith(prefix)]
    if not found:
        raise NotMeasured(f"The catalog at {portal.base} has no entity that is related to a {prefix}… by {relation}.")
    return str(max(found, key=lambda facet: (facet["count"], facet["value"]))["value"])


def _first(portal: Portal, filter: str) -> str:
    query = f"limit=1&filter={quote(filter, safe='=,')}&orderField=metadata.name,asc"
    entity = portal.ask_json(f"{API}/entities/by-query?{query}")["items"][0]
    metadata = entity["metadata"]
    return f"{entity['kind']}:{metadata.get('namespace', 'default')}/{metadata['name']}".lower()


def _owner(portal: Portal, ref: str) -> str:
    kind, _, rest = ref.partition(":")
    relations = portal.ask_json(f"{API}/entities/by-name/{kind}/{rest}")["relations"]
    owners = [relation["targetRef"] for relation in relations if relation["type"] == "ownedBy"]
    return str(owners[0]) if owners else ref


def _path(ref: str) -> str:
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    return f"/catalog/{quote(namespace)}/{quote(kind)}/{quote(name)}"


def _links_to(kind: str) -> str:
    return f'href="/catalog/default/{kind}/'
