"""Requests to a source host, and what its answers mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import orjson

from portal import http_client
from portal.errors import InputError, NotFoundError, NotModifiedError, PortalError, ServiceUnavailableError
from portal.integrations.base import ScmIntegration
from portal.integrations.urls import origin_of

MAX_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
#: Seconds to leave a host alone that doesn't say for how long.
UNKNOWN_SECONDS = 60.0
#: The largest answer in JSON: the list of all files of a repository.
MAX_JSON_BYTES = 64 * 1024 * 1024


class Limits(NamedTuple):
    """How long a host may take, in seconds."""

    #: All requests for one URL together.
    seconds: float
    #: The longest silence.
    silence: float


FOR_A_FILE = Limits(60.0, http_client.READ_TIMEOUT)
#: A host may have to pack an archive first.
FOR_A_TREE = Limits(300.0, 60.0)


class RateLimited(ServiceUnavailableError):
    """There were too many requests; ``seconds`` is how long the host wants to be left alone."""

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class HostApi:
    """A host as one reading uses it: with the credentials for one URL, within one deadline.

    Errors name the URL that was asked for and the key of the configuration that would help: ``NotModifiedError``,
    ``NotFoundError``, ``InputError`` for credentials that are missing, wrong or too weak, ``ServiceUnavailableError``
    for limits that are used up and for whatever may be better later.
    """

    def __init__(
        self,
        client: http_client.Client,
        integration: ScmIntegration,
        about: str,
        *,
        token: str | None = None,
        limits: Limits = FOR_A_FILE,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Get ready to read ``about``; ``token`` takes the place of what is configured."""
        self.about = about
        self.deadline = http_client.Deadline(limits.seconds, monotonic=monotonic)
        self._client = client
        self._integration = integration
        self._credentials = integration.credentials(about, token=token)
        self._sleep = sleep
        self._timeouts = http_client.timeouts(limits.silence)

    @property
    def has_credentials(self) -> bool:
        """Whether requests bear credentials."""
        return bool(self._credentials)

    def json(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """Get a JSON answer. Some hosts put a line before it that keeps browsers from running it."""
        content, _ = self.read(url, {"Accept": "application/json", **(headers or {})}, max_bytes=MAX_JSON_BYTES)
        try:
            return orjson.loads(content.removeprefix(b")]}'"))
        except orjson.JSONDecodeError as error:
            raise ServiceUnavailableError(
                f"{self.about} can't be read: {self._integration.host} did not answer in JSON, as a page that asks to "
                f"sign in wouldn't either."
            ) from error

    def read(
        self, url: str, headers: Mapping[str, str] | None = None, *, max_bytes: int
    ) -> tuple[bytes, http_client.Headers]:
        """Get an answer as it is, and its headers."""
        with self.stream(url, headers) as response:
            return b"".join(self.pieces(response, max_bytes=max_bytes)), response.headers

    @contextmanager
    def stream(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[http_client.Response]:
        """Get an answer whose body is read by and by, with ``pieces``."""
        with http_client.translated_errors(self.about):
            response = self._answer(url, headers or {})
            try:
                self._raise_for_status(response)
                yield response
            finally:
                response.close()

    def exists(self, url: str) -> bool:
        """Say whether there is something that may be seen; nothing is downloaded. Raises like the others."""
        with http_client.translated_errors(self.about):
            response = self._answer(url, {}, method="HEAD")
        response.close()
        if response.status_code in {403, 404, 410} and not self._integration.is_rate_limited(response):
            return False
        self._raise_for_status(response)
        return True

    def pieces(self, response: http_client.Response, *, max_bytes: int) -> Iterator[bytes]:
        """Yield the body of an answer, as long as size and deadline allow."""
        return http_client.bounded(response, self.about, max_bytes=max_bytes, deadline=self.deadline)

    def _answer(self, url: str, headers: Mapping[str, str], *, method: str = "GET") -> http_client.Response:
        retry = self._integration.retry
        attempt = 1
        while True:
            if self._integration.throttle is not None:
                self._integration.throttle.wait(self._integration.host, self.deadline)
            try:
                response = self._follow(method, url, headers)
            except http_client.HTTPError:
                pause = retry.pause(attempt)
                if attempt > retry.attempts or pause > self.deadline.left:
                    raise
            else:
                pause = retry.pause(attempt, response.headers.get("retry-after"))
                again = response.status_code in retry.status_codes and attempt <= retry.attempts
                if not again or pause > self.deadline.left:
                    return response
                response.close()
            self._sleep(pause)
            attempt += 1

    def _follow(self, method: str, url: str, headers: Mapping[str, str]) -> http_client.Response:
        """Send a request, and to where its answer redirects. Credentials go to the host alone that they are for."""
        target, own = url, self._credentials.headers
        for _ in range(MAX_REDIRECTS + 1):
            if origin_of(target) != origin_of(url):
                # For good: where another host leads back to is its choice.
                own = {}
            sent = {**self._integration.request_headers, **headers, **own}
            request = self._client.build_request(method, target, headers=sent, timeout=self._timeouts)
            response = self._client.send(request, stream=True)
            if response.status_code not in REDIRECTS or "location" not in response.headers:
                return response
            response.close()
            following = urljoin(target, response.headers["location"])
            if urlsplit(target).scheme == "https" and urlsplit(following).scheme != "https":
                raise InputError(f"{self.about} can't be read: {self._integration.host} redirects away from https.")
            target = following
        raise ServiceUnavailableError(f"{self.about} redirects more than {MAX_REDIRECTS} times.")

    # What answers mean

    def _raise_for_status(self, response: http_client.Response) -> None:
        if not response.is_success or self._integration.is_unauthenticated(response):
            raise self._refusal(response)

    def _refusal(self, response: http_client.Response) -> PortalError:
        status, host = response.status_code, self._integration.host
        own = f"the credentials of {self._credentials.key}" if self._credentials else ""
        if status == 304:
            return NotModifiedError(f"{self.about} is unchanged.")
        if self._integration.is_rate_limited(response):
            limit = f"{host} takes no more requests {_until(response)}: there were too many."
            return RateLimited(
                limit if own else f"{limit} {self._integration.advice()}", seconds=seconds_to_wait(response)
            )
        if status in {404, 410}:
            hidden = f"{own} may not see it." if own else f"it takes credentials. {self._integration.advice()}"
            return NotFoundError(f"There is nothing at {self.about}, or {hidden}")
        if status >= 500:
            return ServiceUnavailableError(
                f"{self.about} can't be read now: {host} answered {status} {response.reason_phrase}."
            )
        if self._integration.is_unauthenticated(response) and own:
            reason = f"{host} does not accept {own}. Check that they are right and have not expired."
        elif status == 403 and own:
            reason = f"{host} refuses it to {own}. Check what they are allowed to do."
        elif status == 403 or self._integration.is_unauthenticated(response):
            reason = f"{host} asks for credentials, and none are configured for it. {self._integration.advice()}"
        else:
            reason = f"{host} answered {status} {response.reason_phrase}."
        return InputError(f"{self.about} can't be read: {reason}")


def _until(response: http_client.Response) -> str:
    """Say from when on there may be further requests, as far as an answer tells."""
    for name in ("x-ratelimit-reset", "ratelimit-reset"):
        moment = response.headers.get(name, "")
        if moment.isdecimal() and int(moment) < 1 << 34:
            return f"until {datetime.fromtimestamp(int(moment), UTC):%H:%M} UTC"
    seconds = response.headers.get("retry-after", "")
    return f"for {seconds} seconds" if seconds.isdecimal() else "for now"


def seconds_to_wait(response: http_client.Response) -> float:
    """Return how long to send no request, as far as an answer tells."""
    asked = response.headers.get("retry-after", "")
    if asked.isdecimal():
        return float(asked)
    for name in ("x-ratelimit-reset", "ratelimit-reset"):
        moment = response.headers.get(name, "")
        if moment.isdecimal() and int(moment) < 1 << 34:
            # A second more, because the moment is a whole one.
            return max(0.0, int(moment) - time.time()) + 1.0
    return UNKNOWN_SECONDS
