"""Requests to other servers. Everything that speaks HTTP goes through here; no other module imports the library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from httpx2 import (
    URL,
    BaseTransport,
    Client,
    Headers,
    HTTPError,
    InvalidURL,
    Limits,
    MockTransport,
    Request,
    Response,
    Timeout,
    TimeoutException,
    TooManyRedirects,
    WSGITransport,
)

import portal
from portal.errors import InputError, ServiceUnavailableError

__all__ = [
    "URL",
    "BaseTransport",
    "Client",
    "HTTPError",
    "Headers",
    "MockTransport",
    "Request",
    "Response",
    "WSGITransport",
    "new_client",
    "translated_errors",
]

USER_AGENT = f"greenroom/{portal.__version__}"
#: Seconds to wait for a connection, and for each piece of an answer.
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 15.0
LIMITS = Limits(max_connections=50, max_keepalive_connections=10, keepalive_expiry=30.0)


def new_client(
    *, timeout: float = READ_TIMEOUT, transport: BaseTransport | None = None, headers: dict[str, str] | None = None
) -> Client:
    """Return a client that threads may share. It follows no redirects: who does must look where they lead.

    ``timeout`` is the longest silence of the server, in seconds. ``transport`` takes the network's place.
    """
    return Client(
        timeout=Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT)),
        headers={"User-Agent": USER_AGENT, **(headers or {})},
        limits=LIMITS,
        transport=transport,
        follow_redirects=False,
    )


@contextmanager
def translated_errors(url: str) -> Iterator[None]:
    """Turn the library's errors into ``InputError`` for a bad URL and ``ServiceUnavailableError`` for the rest."""
    try:
        yield
    except InvalidURL as error:
        raise InputError(f"{url} is not a valid URL: {error}") from error
    except TimeoutException as error:
        raise ServiceUnavailableError(f"{url} did not answer in time.", cause=error) from error
    except TooManyRedirects as error:
        raise ServiceUnavailableError(f"{url} redirects without end.", cause=error) from error
    except HTTPError as error:
        raise ServiceUnavailableError(
            f"{url} can't be reached: {str(error) or type(error).__name__}", cause=error
        ) from error
