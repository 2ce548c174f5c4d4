"""The page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from portal.errors import InputError
from portal.http.pages import PageView

from portal_hello.forms import NoteForm
from portal_hello.operations import write_note
from portal_hello.queries import latest_notes

LIMIT = 100


class NotesView(PageView):
    """All notes, the latest first. The cards on the entities' pages send their new notes here."""

    template_name = "hello/pages/notes.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the notes."""
        return {"notes": latest_notes(credentials=self.credentials, limit=LIMIT)}

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Write a note and go back to where it was written."""
        form = NoteForm(request.POST)
        if not form.is_valid():
            raise InputError(" ".join(f"{name}: {' '.join(errors)}" for name, errors in form.errors.items()))
        write_note(
            entity_ref=form.cleaned_data["entity_ref"], text=form.cleaned_data["text"], credentials=self.credentials
        )
        back = form.cleaned_data["next"]
        if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
            back = request.path
        return HttpResponseRedirect(back)
