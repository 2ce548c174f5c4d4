"""What the events API takes in."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from rest_framework.request import Request

#: As in Backstage, in bytes.
MAX_REQUEST_BYTES = 5 * 1024 * 1024


def require_small(request: Request) -> None:
    """Raise ``RequestDataTooBig`` for a request with a body of more than 5 MiB, before it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
        raise RequestDataTooBig(f"The request body is larger than {MAX_REQUEST_BYTES} bytes.")
