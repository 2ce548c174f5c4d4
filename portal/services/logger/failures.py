"""How failures are logged: with a traceback if that helps to find the fault."""

from __future__ import annotations

from typing import Any

from django.db import InterfaceError, OperationalError


def failure_fields(error: BaseException) -> dict[str, Any]:
    """Return the fields that a failure is logged with: of a database that is out of order, its own words are enough.

    An outage is noticed in many places, again and again until it is over, and no place says anything about the cause.
    """
    if isinstance(error, OperationalError | InterfaceError):
        return {"error": " ".join(str(error).split())}
    return {"exc_info": error}
