"""What people fill in."""

from __future__ import annotations

from django import forms

from portal_hello.models import TEXT_LENGTH


class NoteForm(forms.Form):
    """A new note, written on the card of an entity."""

    entity_ref = forms.CharField(widget=forms.HiddenInput)
    text = forms.CharField(max_length=TEXT_LENGTH, label="A new note", widget=forms.TextInput(attrs={"class": "input"}))
    next = forms.CharField(required=False, widget=forms.HiddenInput)
