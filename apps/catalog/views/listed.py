"""The rows of the catalog's list: an entity's row, with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from apps.catalog.views.addresses import edit_url, file_url
from apps.catalog.views.rows import EntityRow
from apps.catalog.views.stars import starred_among
from portal.entities import Entity


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row, where its file is seen and changed (None: nowhere), and its star (None: there are none to set)."""

    row: EntityRow
    view_url: str | None
    edit_url: str | None
    is_starred: bool | None


def listed_rows(rows: Sequence[EntityRow], entities: Sequence[Entity], request: HttpRequest) -> list[ListedRow]:
    """Return the rows of a list with their actions. One query."""
    starred = starred_among([row.link.ref for row in rows], request)
    return [
        ListedRow(row, file_url(entity), edit_url(entity), None if starred is None else row.link.ref in starred)
        for row, entity in zip(rows, entities, strict=True)
    ]
