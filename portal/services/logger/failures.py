"""How failures are logged: with a traceback if that helps to find the fault."""

from __future__ import annotations

from typing import Any

from django.db import InterfaceError, OperationalError

from portal.errors import ConfigError


def failure_fields(error: BaseException) -> dict[str, Any]:
    """Return the fields that a failure is logged with: of a database that is out of order, and of a mistake in the
    configuration, its own words are enough.

    Both are noticed in many places, again and again until they are over, and no place says anything about the cause.
    """
    if isinstance(error, OperationalError | InterfaceError | ConfigError):
        return {"error": " ".join(str(error).split())}
    return {"exc_info": error}
