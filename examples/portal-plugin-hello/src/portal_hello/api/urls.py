"""Routes below ``/api/hello/``."""

from __future__ import annotations

from django.urls import path

from portal_hello.api.views import NoteListView

urlpatterns = [path("notes", NoteListView.as_view(), name="note-list")]
