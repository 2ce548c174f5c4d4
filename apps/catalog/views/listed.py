"""The rows of the catalog's list: an entity's row, with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.catalog import routes
from apps.catalog.views.addresses import edit_url, file_url
from apps.catalog.views.cells import file_action, star_button
from apps.catalog.views.rows import EntityRow
from apps.catalog.views.stars import starred_among
from portal.entities import Entity
from portal.routes.urls import url_for


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row, where its file is seen and changed (None: nowhere), and its star (None: there are none to set)."""

    row: EntityRow
    view_url: str | None
    edit_url: str | None
    is_starred: bool | None

    @property
    def html(self) -> SafeString:
        """The cells as they are drawn, the actions last."""
        return SafeString(f'{self.row.html}<td role="cell" class="cell-actions">{self._actions()}</td>')

    def _actions(self) -> str:
        ref = self.row.link.ref
        drawn = []
        if self.view_url:
            told = _("See the file of %(ref)s") % {"ref": ref}
            drawn.append(file_action(self.view_url, "external-link", _("See its file"), told))
        if self.edit_url:
            drawn.append(file_action(self.edit_url, "pencil", _("Edit its file"), _("Edit %(ref)s") % {"ref": ref}))
        links = f'<span class="row-links">{"".join(drawn)}</span>' if drawn else ""
        star = ""
        if self.is_starred is not None and (url := url_for(routes.star)):
            star = star_button(ref, url, starred=self.is_starred, id=f"star-{ref}")
        return f'<span class="row-actions">{links}{star}</span>'


def listed_rows(rows: Sequence[EntityRow], entities: Sequence[Entity], request: HttpRequest) -> list[ListedRow]:
    """Return the rows of a list with their actions. One query."""
    starred = starred_among([row.link.ref for row in rows], request)
    return [
        ListedRow(row, file_url(entity), edit_url(entity), None if starred is None else row.link.ref in starred)
        for row, entity in zip(rows, entities, strict=True)
    ]
