"""Cards of groups and users, with the ids of Backstage's plugin ``org``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog import routes
from apps.catalog.extensions.cards import PEOPLE, edit_url
from apps.catalog.forms import CatalogQuery
from apps.catalog.queries.listing import OwnedCount, owned_counts
from apps.catalog.views.links import EntityLink, entity_link, kind_icon
from apps.catalog.views.markdown import render_markdown
from apps.catalog.views.related import RelatedEntities
from apps.catalog.views.rows import related_refs, spec_of, text_of
from portal.entities import Entity, entity_title, ref_of
from portal.extensions import EntityCard, PageContext
from portal.routes.urls import url_for

#: Kinds that are owned for their own sake, in this order; others aren't counted.
OWNED_KINDS = ("component", "api", "system", "domain", "resource", "template")
MAX_TILES = 6


@dataclass(frozen=True, slots=True)
class Person:
    """A member as the list shows them."""

    link: EntityLink
    email: str
    picture: str
    initials: str


class _ProfileCard(EntityCard):
    """What a group and a user have in common."""

    abstract = True
    type = "info"
    template_name = "catalog/cards/profile.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return name, address and picture, and the groups around."""
        entity: Entity = page.entity
        related: RelatedEntities = page.related
        return {
            "title": self.title,
            "person": person_of(entity),
            "description": render_markdown(text_of(entity["metadata"].get("description"))),
            "group_type": text_of(spec_of(entity).get("type")) if entity["kind"] == "Group" else "",
            "ref": str(ref_of(entity)),
            "parents": related.links("childOf"),
            "children": related.links("parentOf"),
            "groups": related.links("memberOf"),
            "edit_url": edit_url(entity),
        }


class GroupProfileCard(_ProfileCard):
    """Who a group is: its address, the group above it and those below."""

    namespace = "org"
    name = "group-profile"
    title = "Profile"
    filter = {"kind": "group"}


class UserProfileCard(_ProfileCard):
    """Who somebody is, and the groups that they belong to."""

    namespace = "org"
    name = "user-profile"
    title = "Profile"
    filter = {"kind": "user"}


class MembersListCard(EntityCard):
    """The members of a group."""

    namespace = "org"
    name = "members-list"
    title = "Members"
    filter = {"kind": "group"}
    template_name = "catalog/cards/members.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the members by name, and how many there are in all."""
        members = page.related.entities("hasMember")
        return {
            "title": self.title,
            "members": [person_of(member) for member in members],
            "total": len(related_refs(page.entity, "hasMember")),
        }


class OwnershipCard(EntityCard):
    """What a group owns, or a user together with their groups."""

    namespace = "org"
    name = "ownership"
    title = "Ownership"
    filter = PEOPLE
    template_name = "catalog/cards/ownership.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the most frequent kinds and types, each with the list that it leads to."""
        entity: Entity = page.entity
        related: RelatedEntities = page.related
        owners = [str(ref_of(entity))]
        if entity["kind"] == "User":
            owners += related_refs(entity, "memberOf")
        counts = [
            owned
            for owned in owned_counts(owners, credentials=related.credentials)
            if owned.kind.lower() in OWNED_KINDS
        ]
        return {
            "title": self.title,
            "tiles": [_tile(owned, owners) for owned in counts[:MAX_TILES]],
            "total": sum(owned.count for owned in counts),
            "all_url": _list_url({"kind": ("all",), "owners": tuple(owners)}),
            "with_groups": entity["kind"] == "User",
        }


def person_of(entity: Entity) -> Person:
    """Return how a user or group is shown: picture if there is one, else initials."""
    profile = spec_of(entity).get("profile")
    profile = profile if isinstance(profile, Mapping) else {}
    title, ref = entity_title(entity), ref_of(entity)
    picture = text_of(profile.get("picture"))
    return Person(
        link=entity_link(ref, {str(ref): title}),
        email=text_of(profile.get("email")),
        picture=picture if picture.startswith(("https://", "data:image/")) else "",
        initials="".join(word[0] for word in title.split()[:2]).upper(),
    )


def _tile(owned: OwnedCount, owners: list[str]) -> dict[str, Any]:
    filters = {"kind": (owned.kind.lower(),), "owners": tuple(owners)}
    if owned.type:
        filters["type"] = (owned.type,)
    return {
        "count": owned.count,
        "kind": owned.kind,
        "type": owned.type,
        "icon": kind_icon(owned.kind),
        "url": _list_url(filters),
    }


def _list_url(filters: Mapping[str, tuple[str, ...]]) -> str:
    url = url_for(routes.catalog_index)
    return f"{url}?{CatalogQuery(filters=filters).encode()}" if url else ""
