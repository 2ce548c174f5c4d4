"""Filters for what definitions hold: descriptions in Markdown, and code."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from apps.api_docs.definitions import source_of
from portal.markdown import render_markdown

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    """Return a description as safe HTML."""
    return render_markdown(text)


@register.filter
def highlighted(text: str, language: str) -> SafeString:
    """Return code as safe HTML with classes; of a very long one the beginning."""
    return source_of(text, language).html
