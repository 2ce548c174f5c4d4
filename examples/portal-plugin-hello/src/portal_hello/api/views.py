"""The API."""

from __future__ import annotations

from typing import Any

from portal.errors import InputError
from portal.http.query import QueryParams
from portal.http.views import ApiView
from rest_framework.request import Request
from rest_framework.response import Response

from portal_hello.models import Note
from portal_hello.operations import write_note
from portal_hello.queries import latest_notes

LIMIT = 100


class NoteListView(ApiView):
    """``/api/hello/notes``: the notes, and a new one."""

    def get(self, request: Request) -> Response:
        """Return ``{items: [note]}``, newest first; ``?entityRef=`` narrows it to one entity."""
        params = QueryParams(request._request, allowed={"entityRef"})
        notes = latest_notes(credentials=self.credentials(request), entity_ref=params.text("entityRef"), limit=LIMIT)
        return Response({"items": [_to_json(note) for note in notes]})

    def post(self, request: Request) -> Response:
        """Take ``{entityRef, text}`` and return the note with status 201."""
        body = self.json_object(request)
        for name in ("entityRef", "text"):
            if not isinstance(body.get(name), str):
                raise InputError(f"'{name}' must be a string.")
        note = write_note(entity_ref=body["entityRef"], text=body["text"], credentials=self.credentials(request))
        return Response(_to_json(note), status=201)


def _to_json(note: Note) -> dict[str, Any]:
    return {
        "id": note.pk,
        "entityRef": note.entity_ref,
        "text": note.text,
        "author": note.author,
        "createdAt": note.created_at.isoformat(),
    }
