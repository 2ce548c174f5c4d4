"""The formats and the columns that the list is exported with: the built-in ones, and those of extensions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from portal.entities import Entity
from portal.extensions import (
    CatalogExportConfig,
    CatalogExporter,
    ExportColumn,
    Node,
    PageContext,
    guarded,
    visible_children,
)
from portal.http.csv import csv_pieces
from portal.http.json import CONTENT_TYPE, json_array_pieces


class CsvExporter(CatalogExporter):
    """The columns as a table, for spreadsheets."""

    name = "csv"
    title = "CSV"
    extension = "csv"
    content_type = "text/csv; charset=utf-8"

    def write(self, entities: Iterator[Entity], columns: Sequence[ExportColumn]) -> Iterator[str | bytes]:
        """Yield a line for each entity, after one with the titles."""

        def rows() -> Iterator[list[str]]:
            yield [column.title for column in columns]
            for entity in entities:
                yield [column.value(entity) for column in columns]

        return csv_pieces(rows())


class JsonExporter(CatalogExporter):
    """The whole entities, for programs."""

    name = "json"
    title = "JSON"
    extension = "json"
    content_type = CONTENT_TYPE

    def write(self, entities: Iterator[Entity], columns: Sequence[ExportColumn]) -> Iterator[str | bytes]:
        """Yield an array of the entities."""
        return self.stream((orjson.dumps(entity).decode() for entity in entities), columns)

    def stream(self, texts: Iterator[str], columns: Sequence[ExportColumn]) -> Iterator[str | bytes]:
        """Yield the texts as they are stored."""
        return json_array_pieces(texts)


BUILT_IN = (CsvExporter(), JsonExporter())


def exporters_of(page: Node, context: PageContext) -> list[CatalogExporter]:
    """Return the formats that the list can be exported in; of one name, the first that an extension brings."""
    built_in = () if page.config["exportSettings"].get("disableBuiltinExporters") else BUILT_IN
    found: dict[str, CatalogExporter] = {exporter.name: exporter for exporter in built_in}
    for config in reversed(_configs(page, context)):
        found |= {exporter.name: exporter for exporter in config.exporters}
    return list(found.values())


def further_columns(page: Node, context: PageContext) -> list[ExportColumn]:
    """Return the columns that extensions add to those of the list; none of one that fails."""
    found: list[ExportColumn] = []
    for config in _configs(page, context):
        found += guarded(config.node, context, config.all_columns, [])
    return found


def _configs(page: Node, context: PageContext) -> list[CatalogExportConfig]:
    nodes = visible_children(page, "exportConfig", context)
    return [node.extension for node in nodes if isinstance(node.extension, CatalogExportConfig)]
