"""Cards of groups and users, with the ids of Backstage's plugin ``org``."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from apps.catalog.extensions.cards import PEOPLE, refresh_state
from apps.catalog.queries.listing import owned_counts
from apps.catalog.views.addresses import edit_url
from apps.catalog.views.people import (
    aggregation_of,
    group_levels,
    member_page,
    owner_refs,
    ownership_tiles,
    person_of,
)
from apps.catalog.views.related import RelatedEntities
from apps.catalog.views.relations import url_with
from apps.catalog.views.rows import spec_of, text_of
from portal.entities import Entity
from portal.extensions import EntityCard, PageContext
from portal.extensions.base import ConfigSchema
from portal.markdown import render_markdown

#: Kinds that are owned for their own sake, in this order; others aren't counted.
OWNED_KINDS = ("component", "api", "system", "domain", "resource", "template")

_AGGREGATION = {"enum": ["direct", "aggregated"]}
#: ``relationsType`` is Backstage's older name.
_AGGREGATION_SCHEMA: ConfigSchema = {
    "relationAggregation": _AGGREGATION,
    "relationsType": _AGGREGATION,
    "hideRelationsToggle": {"type": "boolean", "default": False},
}


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
            "title": gettext(self.title),
            "person": person_of(entity),
            "description": render_markdown(text_of(entity["metadata"].get("description"))),
            "ref": related.ref,
            "edit_url": edit_url(entity),
            **refresh_state(page),
        }


class GroupProfileCard(_ProfileCard):
    """Who a group is: its address, how many belong to it, the group above it and those below."""

    namespace = "org"
    name = "group-profile"
    title = _("Profile")
    filter = {"kind": "group"}

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the profile, with the groups around and the number of members."""
        related: RelatedEntities = page.related
        children = related.links("parentOf")
        return {
            **super().context(page),
            "group_type": text_of(spec_of(page.entity).get("type")),
            "parents": related.links("childOf"),
            "children": children,
            "other_children": related.others("parentOf"),
            "child_count": len(related.refs("parentOf")),
            "member_count": len(related.refs("hasMember")),
        }


class UserProfileCard(_ProfileCard):
    """Who somebody is, and the groups that they belong to."""

    namespace = "org"
    name = "user-profile"
    title = _("Profile")
    filter = {"kind": "user"}
    config_schema: ClassVar[ConfigSchema] = {
        "maxRelations": {"type": "integer", "minimum": 0},
        "hideIcons": {"type": "boolean", "default": False},
    }

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the profile with the groups: the first ``maxRelations``, and the others."""
        related: RelatedEntities = page.related
        limit = self.config.get("maxRelations")
        groups, others = related.links("memberOf"), related.others("memberOf")
        if limit is not None:
            groups, others = groups[:limit], [*groups[limit:], *others]
        return {
            **super().context(page),
            "groups": groups,
            "other_groups": others,
            "group_count": len(related.refs("memberOf")),
            "show_icons": not self.config["hideIcons"],
        }


class _AggregatingCard(EntityCard):
    """A card that counts what a group has itself, or together with the groups below it."""

    abstract = True
    config_schema: ClassVar[ConfigSchema] = _AGGREGATION_SCHEMA

    def aggregation(self, page: PageContext, default: str) -> dict[str, Any]:
        """Return which of both is shown, and where the other is; the address wins over the configuration."""
        configured = self.config.get("relationAggregation") or self.config.get("relationsType") or default
        name = f"relationAggregation[{self.name}]"
        shown = aggregation_of(page.request.GET.get(name), configured)
        return {
            "is_aggregated": shown == "aggregated",
            "aggregation_name": name,
            "aggregation_value": page.request.GET.get(name, ""),
            "switch": None
            if self.config["hideRelationsToggle"]
            else {
                "direct": url_with(page, **{name: "direct", f"pages[{self.name}]": None}),
                "aggregated": url_with(page, **{name: "aggregated", f"pages[{self.name}]": None}),
            },
        }


class MembersListCard(_AggregatingCard):
    """The members of a group, or of it and the groups below; by name, page by page, and looked for by a text."""

    namespace = "org"
    name = "members-list"
    title = _("Members")
    filter = {"kind": "group"}
    template_name = "catalog/cards/members.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return a page of the members, and how many there are."""
        related: RelatedEntities = page.related
        aggregation = self.aggregation(page, "direct")
        if not related.refs("parentOf"):
            aggregation["switch"] = None
        text = page.request.GET.get("members", "").strip()
        found = member_page(page, self.name, text=text, is_aggregated=aggregation["is_aggregated"])
        return {"title": gettext(self.title), "text": text, **aggregation, **found}


class OwnershipCard(_AggregatingCard):
    """What a group owns, or a user together with their groups."""

    namespace = "org"
    name = "ownership"
    title = _("Ownership")
    filter = PEOPLE
    template_name = "catalog/cards/ownership.html"
    config_schema: ClassVar[ConfigSchema] = {
        "ownedKinds": {"type": "array", "items": {"type": "string", "minLength": 1}},
        "entityLimit": {"type": "integer", "minimum": 1, "default": 6},
    }

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the most frequent kinds and types, each with the list that it leads to."""
        entity: Entity = page.entity
        related: RelatedEntities = page.related
        aggregation = self.aggregation(page, "aggregated" if entity["kind"] == "User" else "direct")
        if not related.refs("memberOf" if entity["kind"] == "User" else "parentOf"):
            aggregation["switch"] = None
        owners = owner_refs(related, is_aggregated=aggregation["is_aggregated"])
        kinds = {kind.lower() for kind in self.config.get("ownedKinds") or OWNED_KINDS}
        counts = [one for one in owned_counts(owners, credentials=related.credentials) if one.kind.lower() in kinds]
        return {
            "title": gettext(self.title),
            "is_user": entity["kind"] == "User",
            **aggregation,
            **ownership_tiles(counts, owners, limit=self.config["entityLimit"]),
        }


class GroupHierarchyCard(EntityCard):
    """The groups above and below a group, as a tree. Backstage has such a tree in its plugin ``explore``."""

    namespace = "org"
    name = "group-hierarchy"
    title = _("Hierarchy")
    type = "info"
    filter = {"kind": "group"}
    template_name = "catalog/cards/group_hierarchy.html"

    def suits(self, entity: dict[str, Any]) -> bool:
        """Say whether there is any group around."""
        relations = {relation["type"] for relation in entity.get("relations") or ()}
        return super().suits(entity) and bool(relations & {"childOf", "parentOf"})

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the tree from the root down."""
        return {"title": gettext(self.title), "root": group_levels(page.related)}
