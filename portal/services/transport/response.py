"""What a plugin answered, however the request got there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from portal import errors
from portal.errors import PortalError

_ERRORS: dict[str, type[PortalError]] = {
    error.name: error
    for error in (
        errors.InputError,
        errors.AuthenticationError,
        errors.NotAllowedError,
        errors.NotFoundError,
        errors.ConflictError,
        errors.NotModifiedError,
        errors.NotSupportedError,
        errors.ServiceUnavailableError,
    )
}
_BY_STATUS = {error.status_code: error for error in _ERRORS.values()}


@dataclass(frozen=True)
class Response:
    """A whole answer. ``headers`` are found by name in any case."""

    status_code: int
    headers: Headers
    content: bytes

    @property
    def ok(self) -> bool:
        """Say whether the request succeeded."""
        return self.status_code < 400

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """Return the JSON body. Raises ``ValueError`` if it is none."""
        return orjson.loads(self.content)

    def raise_for_error(self) -> Response:
        """Raise the error that the plugin answered with, as if it had been raised here; return the answer otherwise."""
        if self.ok:
            return self
        name, message = self._error()
        kind = _ERRORS.get(name) or _BY_STATUS.get(self.status_code)
        if kind is None:
            kind = errors.ServiceUnavailableError if self.status_code >= 502 else PortalError
        raise kind(message)

    def _error(self) -> tuple[str, str]:
        """Return name and message of Backstage's error envelope, or what there is instead."""
        fallback = f"The plugin answered {self.status_code}."
        try:
            body = self.json()
        except ValueError:
            return "", fallback
        error = body.get("error") if isinstance(body, Mapping) else None
        if not isinstance(error, Mapping):
            return "", fallback
        return str(error.get("name", "")), str(error.get("message") or fallback)


class Headers(Mapping[str, str]):
    """Headers by name, upper or lower case alike."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._values = {name.lower(): value for name, value in headers.items()}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
