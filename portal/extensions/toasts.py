"""Short messages, by the utility API."""

from __future__ import annotations

from django.http import HttpRequest

from portal.extensions.registry import ask_api
from portal.extensions.utility import Severity, toast_api


def show_toast(request: HttpRequest, message: str, *, severity: Severity = "info") -> None:
    """Show a message on the next page that the person sees; not where nobody provides the API."""
    ask_api(toast_api, lambda api: api.post(request, message, severity=severity), None)
