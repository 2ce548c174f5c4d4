"""The list as a file: all of its pages, as far as the person may see them, sent while they are read."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse

from apps.catalog.forms import CatalogQuery
from apps.catalog.queries.browsing import stream_narrowed
from apps.catalog.views.display import display_of
from apps.catalog.views.index import CatalogPageView
from apps.catalog.views.rows import DESCRIPTION, OWNER, SYSTEM, Column, related_refs, systems_of, text_of
from portal.entities import Entity, entity_title, ref_of
from portal.errors import InputError, NotFoundError
from portal.http.json import stream_json_array

#: Spreadsheets take a text that begins so for a formula, and run it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Rows are gathered to pieces of this many.
ROWS = 200


class ExportView(CatalogPageView):
    """``/catalog/-/export?format=csv|json``, with the parameters of the list."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, unless exports are switched off."""
        if not self.page.config["exportSettings"].get("enabled", True):
            raise NotFoundError("Lists aren't exported here: 'exportSettings' of 'page:catalog' says so.")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Send the file. JSON has the whole entities, CSV what the columns of the list say. Raises ``InputError``."""
        query = CatalogQuery.parse(request.GET)
        filters = self.filters_for(query)
        kinds = filters.chosen.get("kind", ())
        kind = kinds[0].lower() if len(kinds) == 1 else None
        display = display_of(query, kind, request, type_is_chosen=False)
        texts = stream_narrowed(filters.narrowing, credentials=self.credentials, order=display.order)
        match request.GET.get("format", "csv"):
            case "csv":
                content = StreamingHttpResponse(_csv(texts, display.columns), content_type="text/csv; charset=utf-8")
                return _named(content, "csv")
            case "json":
                return _named(stream_json_array(texts), "json")
            case other:
                raise InputError(f"Lists are exported as csv or json, not as '{other}'.")


def _named(response: StreamingHttpResponse, extension: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="catalog-export.{extension}"'
    # A proxy that gathers it all first makes people wait, and takes the memory that this saves.
    response["X-Accel-Buffering"] = "no"
    return response  # type: ignore[return-value]  # What Django calls a response needn't be an HttpResponse.


class _Line:
    """What ``csv`` writes to: it hands back each line."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def _csv(texts: Iterator[str], columns: Sequence[Column]) -> Iterator[str]:
    written = [column for column in columns if column != DESCRIPTION]
    writer = csv.writer(_Line())
    lines = [writer.writerow(["ref", "name", *(column.key for column in written), "description"])]
    for text in texts:
        entity = orjson.loads(text)
        cells = [str(ref_of(entity)), entity_title(entity), *(_cell(entity, column) for column in written)]
        lines.append(writer.writerow([_harmless(cell) for cell in (*cells, _description(entity))]))
        if len(lines) >= ROWS:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def _cell(entity: Entity, column: Column) -> str:
    if column == OWNER:
        return ", ".join(related_refs(entity, "ownedBy"))
    if column == SYSTEM:
        return ", ".join(systems_of(entity))
    value = column.value(entity, None)
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def _description(entity: Entity) -> str:
    return text_of(entity["metadata"].get("description"))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
