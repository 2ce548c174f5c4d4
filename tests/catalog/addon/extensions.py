from __future__ import annotations

from typing import Any

from portal.extensions import (
    CatalogFilter,
    EntityCard,
    EntityContent,
    EntityContentLayout,
    EntityContextMenuItem,
    EntityHeader,
    EntityIconLink,
    PageContext,
)


class TierCard(EntityCard):
    name = "tier"
    type = "info"
    filter = {"metadata.labels.tier": {"$exists": True}}
    template_name = "addon/tier.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        return {"tier": page.entity["metadata"]["labels"]["tier"]}


class BrokenCard(EntityCard):
    name = "broken"
    disabled = True
    template_name = "addon/tier.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        raise RuntimeError("the card is broken")


class CoverageContent(EntityContent):
    name = "coverage"
    path = "/coverage/*"
    title = "Coverage"
    group = "development"
    filter = "kind:component type:service"
    template_name = "addon/coverage.html"


class BuildsContent(EntityContent):
    name = "builds"
    path = "builds"
    title = "Builds"
    group = "development"
    filter = {"kind": "component"}
    template_name = "addon/coverage.html"


class CostContent(EntityContent):
    name = "cost"
    path = "/cost"
    title = "Cost"
    group = "finance"
    template_name = "addon/coverage.html"


class PlainLayout(EntityContentLayout):
    name = "plain"
    filter = {"kind": "system"}
    template_name = "addon/layout.html"


class GroupHeader(EntityHeader):
    name = "group"
    filter = {"kind": "group"}
    template_name = "addon/header.html"


class AnyHeader(EntityHeader):
    name = "any"
    disabled = True
    template_name = "addon/header.html"


class WikiItem(EntityContextMenuItem):
    name = "wiki"
    title = "Open in the wiki"
    icon = "book"

    def href(self, page: PageContext) -> str:
        return f"https://wiki.example/{page.entity['metadata']['name']}"


class LogsLink(EntityIconLink):
    name = "logs"
    label = "Logs"

    def href(self, page: PageContext) -> str | None:
        return None


class TierFilter(CatalogFilter):
    """Narrows the list by a label."""

    name = "tier"
    title = "Tier"
    template_name = "addon/filter.html"

    param = "tier"
    field = "metadata.labels.tier"

    def context(self, page: PageContext) -> dict[str, Any]:
        return {"options": [option["value"] for option in page.catalog.offers[self.param]]}
