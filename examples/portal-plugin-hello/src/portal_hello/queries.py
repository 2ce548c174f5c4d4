"""Reads."""

from __future__ import annotations

from portal.credentials import Credentials
from portal.entities import parse_ref
from portal.services import permissions

from portal_hello.models import Note
from portal_hello.permissions import NOTE_READ


def latest_notes(*, credentials: Credentials, entity_ref: str | None = None, limit: int) -> list[Note]:
    """Return the latest notes, newest first, about one entity or about all. Raises ``NotAllowedError``."""
    permissions.require(NOTE_READ, credentials)
    notes = Note.objects.all()
    if entity_ref is not None:
        notes = notes.filter(entity_ref=str(parse_ref(entity_ref)))
    return list(notes[:limit])
