from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from portal.entities import Entity
from portal.extensions import (
    CatalogExportConfig,
    CatalogExporter,
    CatalogFilter,
    EntityCard,
    EntityContent,
    EntityContentLayout,
    EntityContextMenuItem,
    EntityHeader,
    EntityHeaderLayout,
    EntityIconLink,
    ExportColumn,
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


class Names(CatalogExporter):
    """Writes a name a line."""

    name = "names"
    title = "Names & more"
    extension = "txt"
    content_type = "text/plain; charset=utf-8"

    def write(self, entities: Iterator[Entity], columns: Sequence[ExportColumn]) -> Iterator[str | bytes]:
        yield " | ".join(column.title for column in columns) + "\n"
        for entity in entities:
            yield f"{entity['metadata']['name']}\n".encode()


class OtherCsv(Names):
    """Takes the place of the built-in format."""

    name = "csv"
    title = "Our CSV"


class TabbedHead(EntityHeaderLayout):
    name = "tabbed"
    disabled = True
    filter = {"kind": "Component"}
    template_name = "addon/head_layout.html"


class BrokenExporter(Names):
    """Writes nothing."""

    name = "broken"

    def write(self, entities: Iterator[Entity], columns: Sequence[ExportColumn]) -> Iterator[str | bytes]:
        raise RuntimeError("nothing can be written")


class NamesExport(CatalogExportConfig):
    """Brings a format and a column."""

    name = "names"
    exporters = (Names(),)
    columns = (ExportColumn.of_field("metadata.annotations.acme.example/cost.centre", "cost centre"),)


class OurExport(CatalogExportConfig):
    """Replaces a format."""

    name = "ours"
    disabled = True
    exporters = (OtherCsv(),)


class BrokenExport(CatalogExportConfig):
    """Brings a format that fails."""

    name = "broken"
    disabled = True
    exporters = (BrokenExporter(),)
