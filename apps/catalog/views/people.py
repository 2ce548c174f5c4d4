"""People and groups as cards show them: members page by page, what they own, and the groups around a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from apps.catalog import routes
from apps.catalog.forms import CatalogQuery
from apps.catalog.queries.filters import AllOf, Matches
from apps.catalog.queries.listing import OwnedCount, entity_listing
from apps.catalog.views.links import EntityLink, entity_link
from apps.catalog.views.related import LONG, RelatedEntities
from apps.catalog.views.relations import numbered_pager
from apps.catalog.views.rows import spec_of, text_of
from portal.entities import Entity, initials_of, ref_of
from portal.extensions import PageContext
from portal.extensions.icons import kind_icon
from portal.extensions.presentation import title_of
from portal.routes.urls import url_for

#: A list is narrowed by so many owners in its address; of more, the counts lead nowhere.
MAX_OWNERS_IN_ADDRESS = 50
#: So many groups of one are drawn in a tree; of more, the number is told.
MAX_DRAWN = 25
#: A text to look for is no longer than this.
LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Person:
    """A member as the list shows them."""

    link: EntityLink
    email: str
    picture: str
    initials: str
    note: str


def person_of(entity: Entity) -> Person:
    """Return how a user or group is shown: picture if there is one, else initials."""
    profile = spec_of(entity).get("profile")
    profile = profile if isinstance(profile, Mapping) else {}
    title, ref = title_of(entity), ref_of(entity)
    picture = text_of(profile.get("picture"))
    return Person(
        link=entity_link(ref, {str(ref): title}),
        email=text_of(profile.get("email")),
        picture=picture if picture.startswith(("https://", "data:image/")) else "",
        initials=initials_of(title),
        note=text_of(entity["metadata"].get("description"))[:LONGEST_TEXT],
    )


def aggregation_of(asked: str | None, configured: str) -> str:
    """Return ``direct`` or ``aggregated``: what the address asks for, if it makes sense."""
    return asked if asked in {"direct", "aggregated"} else configured


def member_page(page: PageContext, name: str, *, text: str, is_aggregated: bool) -> dict[str, Any]:
    """Return ``members`` on the page that the address asks for, ``total``, and a ``pager``.

    The members of one group are known by its relations; looking for some, or in the groups below, takes a statement.
    """
    related: RelatedEntities = page.related
    number = max(1, related.pages.get(name, 1))
    if text or is_aggregated:
        groups = (related.ref, *related.tree.below) if is_aggregated else (related.ref,)
        listing = entity_listing(
            credentials=related.credentials,
            filter=AllOf((Matches("relations.memberOf", groups), Matches("kind", ("user",)))),
            text=text[:LONGEST_TEXT],
            limit=LONG,
            offset=(number - 1) * LONG,
        )
        found = [orjson.loads(item) for item in listing.items]
        number = listing.offset // LONG + 1
        return _members(page, name, found, number, listing.total, unknown=0)
    refs = related.refs("hasMember")
    number = min(number, max(1, -(-len(refs) // LONG)))
    shown = refs[(number - 1) * LONG : number * LONG]
    found = related.among(shown)
    if len(refs) <= LONG:
        found.sort(key=lambda entity: title_of(entity).casefold())
    return _members(page, name, found, number, len(refs), unknown=len(shown) - len(found))


def _members(
    page: PageContext, name: str, found: Sequence[Entity], number: int, total: int, *, unknown: int
) -> dict[str, Any]:
    return {
        "members": [person_of(entity) for entity in found],
        "total": total,
        "unknown": unknown,
        "pager": numbered_pager(page, name, number=number, size=LONG, total=total),
    }


def owner_refs(related: RelatedEntities, *, is_aggregated: bool) -> list[str]:
    """Return who counts as an owner: the entity, and aggregated its groups or the groups below it."""
    if not is_aggregated:
        return [related.ref]
    others = related.refs("memberOf") if related.entity["kind"] == "User" else related.tree.below
    return [related.ref, *others]


def ownership_tiles(counts: Sequence[OwnedCount], owners: Sequence[str], *, limit: int) -> dict[str, Any]:
    """Return the most frequent kinds and types as ``tiles``, the ``total``, and where all of it is listed."""
    tiles = [
        {
            "count": one.count,
            "kind": one.kind,
            "type": one.type,
            "icon": kind_icon(one.kind),
            "url": _list_url(one.kind.lower(), owners, one.type),
        }
        for one in counts[:limit]
    ]
    return {
        "tiles": tiles,
        "more": len(counts) - len(tiles),
        "total": sum(one.count for one in counts),
        "all_url": _list_url("all", owners),
    }


def _list_url(kind: str, owners: Sequence[str], type_: str = "") -> str:
    url = url_for(routes.catalog_index)
    if not url or len(owners) > MAX_OWNERS_IN_ADDRESS:
        return ""
    filters = {"kind": (kind,), "owners": tuple(owners)}
    if type_:
        filters["type"] = (type_,)
    return f"{url}?{CatalogQuery(filters=filters).encode()}"


@dataclass(slots=True)
class GroupNode:
    """A group in the tree; ``more`` groups below it aren't drawn."""

    link: EntityLink
    is_current: bool = False
    children: list[GroupNode] = field(default_factory=list)
    more: int = 0


def group_levels(related: RelatedEntities) -> GroupNode:
    """Return the tree from the root to the group, and what is below it; groups that can't be seen are left out."""
    tree = related.tree
    node = GroupNode(related.link(related.ref), is_current=True)
    _add_children(node, related, {related.ref, *tree.above}, depth=2)
    for ref in tree.above:
        if ref in related.known:
            node = GroupNode(related.link(ref), children=[node])
    return node


def _add_children(node: GroupNode, related: RelatedEntities, seen: set[str], *, depth: int) -> None:
    children = [ref for ref in related.tree.children.get(node.link.ref, ()) if ref in related.known and ref not in seen]
    seen |= set(children)
    node.more = max(0, len(children) - MAX_DRAWN)
    node.children = [GroupNode(related.link(ref)) for ref in children[:MAX_DRAWN]]
    for child in node.children:
        if depth > 1:
            _add_children(child, related, seen, depth=depth - 1)
        else:
            child.more = len(related.tree.children.get(child.link.ref, ()))
