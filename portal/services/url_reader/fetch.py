"""The reader of plain URLs: ``GET``, for hosts that ``backend.reading.allow`` names."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from portal import http_client
from portal.config import current
from portal.errors import InputError, NotAllowedError, NotFoundError, NotModifiedError, ServiceUnavailableError
from portal.services.url_reader.allow import KEY, read_allowed, split_url
from portal.services.url_reader.base import (
    SearchFile,
    SearchResponse,
    UrlReader,
    UrlResponse,
    conditional_headers,
)
from portal.services.url_reader.trees import Tree, TreeFilter

MAX_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
#: The largest file that is read unless the caller says otherwise.
MAX_BYTES = 10 * 1024 * 1024
#: Seconds that a file may take in all, however lively the server is.
MAX_SECONDS = 60.0


class FetchReader(UrlReader):
    """Reads what is allowed, without credentials unless the caller gives a token.

    ``transport`` and ``monotonic`` are for tests.
    """

    def __init__(
        self,
        *,
        transport: http_client.BaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = http_client.new_client(transport=transport)
        self._monotonic = monotonic

    def reads(self, url: str) -> bool:
        """Say whether the URL is on the list."""
        parts = split_url(url)
        return any(entry.allows(parts) for entry in read_allowed(current()))

    def read_url(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified_after: datetime | None = None,
        max_bytes: int | None = None,
        token: str | None = None,
    ) -> UrlResponse:
        """Read a file, following up to five redirects, each of which must be allowed as well."""
        headers = {"Accept": "*/*", **conditional_headers(etag, last_modified_after)}
        deadline = http_client.Deadline(MAX_SECONDS, monotonic=self._monotonic)
        target = url
        for _ in range(MAX_REDIRECTS + 1):
            # A token is for the host that it was given for.
            bearer = {"Authorization": f"Bearer {token}"} if token and _same_host(target, url) else {}
            with (
                http_client.translated_errors(target),
                self._client.stream("GET", target, headers={**headers, **bearer}) as response,
            ):
                if response.status_code not in REDIRECTS or "location" not in response.headers:
                    return self._file(response, target, max_bytes or MAX_BYTES, deadline)
                target = self._next_target(target, http_client.destination(response, target))
        raise ServiceUnavailableError(f"{url} redirects more than {MAX_REDIRECTS} times.")

    def search(self, url: str, *, etag: str | None = None) -> SearchResponse:
        """Read the one file that the URL names: a plain server can't list others."""
        if "*" in split_url(url).path:
            raise InputError(
                f"{url} has a wildcard, but a plain web server can't list its files. Name each file, or keep them in a "
                f"repository of a host that is configured under 'integrations'."
            )
        try:
            found = self.read_url(url, etag=etag)
        except NotFoundError:
            return SearchResponse(files=(), etag="")
        return SearchResponse((SearchFile(url, found.content, found.last_modified),), found.etag or "")

    def read_tree(
        self, url: str, *, etag: str | None = None, filter: TreeFilter | None = None, token: str | None = None
    ) -> Tree:
        """Refuse: a plain server can't list its files."""
        raise InputError(
            f"{url} is on a plain web server, which can't list the files of a folder. Keep them in a repository of a "
            f"host that is configured under 'integrations'."
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _next_target(self, target: str, following: str) -> str:
        if not self.reads(following):
            raise NotAllowedError(f"{target} redirects to {following}, which {KEY} doesn't allow. {advice(following)}")
        return following

    def _file(
        self, response: http_client.Response, url: str, max_bytes: int, deadline: http_client.Deadline
    ) -> UrlResponse:
        _raise_for_status(response, url)
        content = b"".join(http_client.bounded(response, url, max_bytes=max_bytes, deadline=deadline))
        return UrlResponse(
            content, response.headers.get("etag"), http_client.http_date(response.headers.get("last-modified"))
        )


def advice(url: str) -> str:
    """Return the sentence that says which entry would allow a URL."""
    parts = split_url(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"To allow it, add '- host: {host}{f':{parts.port}' if parts.port else ''}' to {KEY} in app-config.yaml."


def _raise_for_status(response: http_client.Response, url: str) -> None:
    status = response.status_code
    if http_client.is_unchanged(response):
        raise NotModifiedError(f"{url} is unchanged.")
    if status in {404, 410}:
        raise NotFoundError(f"There is no file at {url}.")
    if status >= 500 or status == 429:
        raise ServiceUnavailableError(
            f"{url} can't be read now: the server answered {status} {response.reason_phrase}."
        )
    if not response.is_success:
        raise InputError(f"{url} can't be read: the server answered {status} {response.reason_phrase}.")


def _same_host(first: str, second: str) -> bool:
    a, b = split_url(first), split_url(second)
    return (a.scheme, a.hostname, a.port) == (b.scheme, b.hostname, b.port)
