"""What the plugin adds to the interface. Every class here is installed, at the place that its blueprint has."""

from __future__ import annotations

from typing import Any

from portal.entities import ref_of
from portal.extensions import EntityCard, Page, PageContext

from portal_hello import routes
from portal_hello.conf import conf
from portal_hello.forms import NoteForm
from portal_hello.queries import latest_notes
from portal_hello.views import NotesView


class NotesPage(Page):
    """All notes. A title, an icon and a route ref put it into the navigation."""

    path = "/hello"
    title = "Hello"
    icon = "sticky-note"
    route_ref = routes.notes
    view = NotesView


class NotesCard(EntityCard):
    """The latest notes about an entity, and a form for another one."""

    name = "notes"
    title = "Notes"
    template_name = "hello/cards/notes.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the notes and the form."""
        entity_ref = str(ref_of(page.entity))
        notes = latest_notes(credentials=page.request.credentials, entity_ref=entity_ref, limit=conf.notes_shown)
        initial = {"entity_ref": entity_ref, "next": page.request.path}
        return {"notes": notes, "form": NoteForm(initial=initial, auto_id="note-%s")}
