"""The list as a file: all of its pages, as far as the person may see them, sent while they are read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse

from apps.catalog.forms import CatalogQuery
from apps.catalog.queries.browsing import stream_narrowed
from apps.catalog.views.display import display_of
from apps.catalog.views.exporters import exporters_of, further_columns
from apps.catalog.views.index import CatalogPageView
from apps.catalog.views.rows import DESCRIPTION, OWNER, SYSTEM, Column, related_refs, systems_of, text_of
from portal.entities import Entity, ref_of
from portal.errors import InputError, NotFoundError
from portal.extensions import ExportColumn
from portal.extensions.presentation import title_of
from portal.http.json import begun


class ExportView(CatalogPageView):
    """``/catalog/-/export?format=csv``, with the parameters of the list."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, unless exports are switched off."""
        if not self.page.config["exportSettings"].get("enabled", True):
            raise NotFoundError("Lists aren't exported here: 'exportSettings' of 'page:catalog' says so.")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Send the file in the format that is asked for. Raises ``InputError`` for one that there isn't."""
        exporters = {exporter.name: exporter for exporter in exporters_of(self.page, self.page_context())}
        wanted = request.GET.get("format", "csv")
        exporter = exporters.get(wanted)
        if exporter is None:
            raise InputError(f"Lists are exported as {' or '.join(exporters) or 'nothing'}, not as '{wanted}'.")
        query = CatalogQuery.parse(request.GET)
        filters = self.filters_for(query)
        kinds = filters.chosen.get("kind", ())
        kind = kinds[0].lower() if len(kinds) == 1 else None
        display = display_of(query, kind, request, type_is_chosen=False)
        texts = stream_narrowed(filters.narrowing, credentials=self.credentials, order=display.order)
        columns = [*_columns(display.columns), *further_columns(self.page, self.page_context())]
        response = StreamingHttpResponse(begun(exporter.stream(texts, columns)), content_type=exporter.content_type)
        response["Content-Disposition"] = f'attachment; filename="catalog-export.{exporter.extension}"'
        # A proxy that gathers it all first makes people wait, and takes the memory that this saves.
        response["X-Accel-Buffering"] = "no"
        return response  # type: ignore[return-value]  # What Django calls a response needn't be an HttpResponse.


def _columns(shown: Sequence[Column]) -> list[ExportColumn]:
    """Return the columns of the list as those of a file, which has the ref and the whole description as well."""
    return [
        ExportColumn("ref", lambda entity: str(ref_of(entity))),
        ExportColumn("name", title_of),
        *(ExportColumn(column.key, partial(_cell, column)) for column in shown if column != DESCRIPTION),
        ExportColumn("description", lambda entity: text_of(entity["metadata"].get("description"))),
    ]


def _cell(column: Column, entity: Entity) -> str:
    if column == OWNER:
        return ", ".join(related_refs(entity, "ownedBy"))
    if column == SYSTEM:
        return ", ".join(systems_of(entity))
    value = column.value(entity, None)
    return ", ".join(value) if isinstance(value, tuple) else str(value or "")
