"""Requests to other servers. Everything that speaks HTTP goes through here; no other module imports the library."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin

from httpx2 import (
    URL,
    Auth,
    BaseTransport,
    BasicAuth,
    Client,
    ConnectError,
    DigestAuth,
    Headers,
    HTTPError,
    HTTPTransport,
    InvalidURL,
    Limits,
    MockTransport,
    Request,
    Response,
    Timeout,
    TimeoutException,
    TooManyRedirects,
    TransportError,
    WSGITransport,
)

import portal
from portal.errors import InputError, ServiceUnavailableError

__all__ = [
    "URL",
    "Auth",
    "BaseTransport",
    "BasicAuth",
    "Client",
    "ConnectError",
    "Deadline",
    "DigestAuth",
    "HTTPError",
    "HTTPTransport",
    "Headers",
    "MockTransport",
    "Request",
    "Response",
    "TimeoutException",
    "TransportError",
    "WSGITransport",
    "bounded",
    "destination",
    "http_date",
    "is_unchanged",
    "json_body",
    "limited",
    "new_client",
    "timeouts",
    "too_large",
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
        timeout=timeouts(timeout),
        headers={"User-Agent": USER_AGENT, **(headers or {})},
        limits=LIMITS,
        transport=transport,
        follow_redirects=False,
        # A cookie that came with one user's credentials would let in the next request, which has others or none.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


def timeouts(silence: float) -> Timeout:
    """Return the limits for a client or a single request: ``silence`` is the longest of the server, in seconds."""
    return Timeout(silence, connect=min(silence, CONNECT_TIMEOUT))


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


class Deadline:
    """The moment at which something is given up, however lively the other side is."""

    def __init__(self, seconds: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    @property
    def left(self) -> float:
        """The seconds that remain, negative afterwards."""
        return self._end - self._monotonic()

    def check(self, url: str) -> None:
        """Raise ``ServiceUnavailableError`` if it has passed."""
        if self.left < 0:
            raise ServiceUnavailableError(f"{url} took longer than {self.seconds:.0f} seconds and was given up.")


def bounded(response: Response, url: str, *, max_bytes: int, deadline: Deadline) -> Iterator[bytes]:
    """Yield a streamed body in pieces, unpacked, as long as ``limited`` lets it."""
    length = response.headers.get("content-length", "")
    # As they arrive: gathered to a fixed size, a few bytes now and then would never come up for a look at the clock.
    pieces = response.iter_bytes()
    return limited(pieces, url, length=int(length) if length.isdecimal() else 0, max_bytes=max_bytes, deadline=deadline)


def limited(
    pieces: Iterable[bytes], url: str, *, max_bytes: int, deadline: Deadline, length: int = 0
) -> Iterator[bytes]:
    """Yield the pieces of a file. ``length`` is what it is said to be, 0 if nobody says.

    Raises ``InputError`` at the piece that makes it larger than ``max_bytes``, before the first one if it is said to
    be; ``ServiceUnavailableError`` after the deadline.
    """
    if length > max_bytes:
        raise too_large(url, max_bytes)
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > max_bytes:
            raise too_large(url, max_bytes)
        deadline.check(url)
        yield piece


def destination(response: Response, url: str) -> str:
    """Return where an answer redirects. Raises ``ServiceUnavailableError`` if that is no URL."""
    location = response.headers["location"]
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise ServiceUnavailableError(f"{url} redirects to '{location}', which is no URL.", cause=error) from error


def is_unchanged(response: Response) -> bool:
    """Say whether a server answers that there is nothing new. Unasked, that is no answer: there is nothing old then."""
    asked = response.request.headers
    return response.status_code == 304 and ("if-none-match" in asked or "if-modified-since" in asked)


def too_large(url: str, max_bytes: int) -> InputError:
    """Return the error for what is larger than it may be."""
    size = f"{max_bytes / 1024 / 1024:g} MiB" if max_bytes >= 1024 * 1024 else f"{max_bytes} bytes"
    return InputError(f"{url} is larger than the {size} that it may have, and was not read.")


def http_date(text: str | None) -> datetime | None:
    """Return the moment that a header names, None if it names none: an odd date costs the shortcut, nothing else."""
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def json_body(response: Response, url: str) -> Any:
    """Return what a JSON answer says. Raises ``ServiceUnavailableError`` if it is none, as a proxy's page would be."""
    try:
        return response.json()
    except ValueError as error:
        raise ServiceUnavailableError(f"{url} did not answer in JSON.", cause=error) from error
