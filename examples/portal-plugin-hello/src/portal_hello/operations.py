"""Writes."""

from __future__ import annotations

from portal.credentials import Credentials
from portal.databases import atomic_for
from portal.entities import parse_ref
from portal.errors import InputError
from portal.services import permissions

from portal_hello.models import TEXT_LENGTH, Note
from portal_hello.permissions import NOTE_CREATE


def write_note(*, entity_ref: str, text: str, credentials: Credentials) -> Note:
    """Write a note about an entity.

    Raises ``NotAllowedError``, and ``InputError`` for a ref that is none and for a text that is empty or too long.
    """
    permissions.require(NOTE_CREATE, credentials)
    text = text.strip()
    if not 0 < len(text) <= TEXT_LENGTH:
        raise InputError(f"The text of a note must have 1 to {TEXT_LENGTH} characters; this one has {len(text)}.")
    with atomic_for(Note):
        return Note.objects.create(
            entity_ref=str(parse_ref(entity_ref)), text=text, author=credentials.principal.subject
        )
