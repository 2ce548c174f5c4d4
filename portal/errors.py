"""The errors that the portal speaks: one vocabulary for operations, queries, services and the wire.

Each class carries the name and the HTTP status that Backstage's clients know; ``portal.http`` turns an error into a
JSON envelope or an error page. Code below the HTTP layer raises these and never thinks of HTTP.
"""

from __future__ import annotations

from typing import ClassVar


class PortalError(Exception):
    """Something went wrong that a caller can be told about.

    ``message`` says what is wrong, where, and what to do; it reaches the client, so it holds no secret. ``cause`` is
    the error behind it, for the log.
    """

    name: ClassVar[str] = "Error"
    status_code: ClassVar[int] = 500

    def __init__(self, message: str = "", *, cause: BaseException | None = None) -> None:
        super().__init__(message)
        self.message = message
        if cause is not None:
            self.__cause__ = cause


class NotModifiedError(PortalError):
    """The resource is as the caller's ETag or date says."""

    name = "NotModifiedError"
    status_code = 304


class InputError(PortalError):
    """What was sent can't be understood or breaks a rule."""

    name = "InputError"
    status_code = 400


class ConfigError(InputError):
    """The configuration is wrong: the message names the file, the key and the rule."""

    #: The dotted key whose value is wrong, where it is one.
    key: str = ""


class AuthenticationError(PortalError):
    """No credentials, or ones that don't hold."""

    name = "AuthenticationError"
    status_code = 401


class NotAllowedError(PortalError):
    """Known, but not allowed."""

    name = "NotAllowedError"
    status_code = 403


class NotFoundError(PortalError):
    """What was asked for isn't there, or isn't visible to the caller."""

    name = "NotFoundError"
    status_code = 404


class ConflictError(PortalError):
    """The request clashes with what is stored."""

    name = "ConflictError"
    status_code = 409


class NotSupportedError(PortalError):
    """The server doesn't do this; on the wire it bears JavaScript's name for it."""

    name = "NotImplementedError"
    status_code = 501


class ServiceUnavailableError(PortalError):
    """A part that is needed can't be reached now; trying again later may work."""

    name = "ServiceUnavailableError"
    status_code = 503
