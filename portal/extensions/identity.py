"""Who is asking, by the utility API."""

from __future__ import annotations

from django.http import HttpRequest

from portal.extensions.registry import ask_api
from portal.extensions.utility import Identity, identity_api


def identity_of(request: HttpRequest) -> Identity | None:
    """Return who is asking; None if nobody is signed in, or nobody provides the API."""
    return ask_api(identity_api, lambda api: api.identity(request), None)
