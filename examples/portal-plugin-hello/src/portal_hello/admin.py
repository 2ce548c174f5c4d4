"""The notes in Django's admin."""

from __future__ import annotations

from django.contrib import admin

from portal_hello.models import Note


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin):
    """Find and remove notes."""

    list_display = ["entity_ref", "text", "author", "created_at"]
    list_filter = ["created_at"]
    search_fields = ["entity_ref", "text", "author"]
