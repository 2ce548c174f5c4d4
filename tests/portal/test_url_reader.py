"""Reading URLs: versions, refusals, redirects, and how little is read of what is too large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import pytest

from portal import http_client
from portal.config import override_config
from portal.errors import (
    InputError,
    NotAllowedError,
    NotFoundError,
    NotModifiedError,
    PortalError,
    ServiceUnavailableError,
)
from portal.services.url_reader import FetchReader, UrlResponse
from tests.portal.clocks import FakeClock

Handler = Callable[[http_client.Request], http_client.Response]
MIB = 1024 * 1024


def allowing(*entries: dict[str, Any]) -> AbstractContextManager[Any]:
    return override_config({"backend": {"reading": {"allow": list(entries)}}})


def reader(handler: Handler, clock: FakeClock | None = None) -> FetchReader:
    monotonic = (clock or FakeClock()).monotonic
    return FetchReader(transport=http_client.MockTransport(handler), monotonic=monotonic)


def answer(status: int = 200, content: bytes = b"kind: Component\n", **headers: str) -> Handler:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: http_client.Response(status, content=content, headers=named)


# What is allowed


# Reading


@pytest.fixture
def example() -> Iterator[None]:
    """Allow ``example.com``."""
    with allowing({"host": "example.com"}):
        yield


pytestmark = pytest.mark.usefixtures("example")
URL = "https://example.com/catalog-info.yaml"


def test_a_file_comes_with_what_tells_its_version() -> None:
    found = reader(answer(etag='"abc"', last_modified="Mon, 02 Mar 2026 12:00:00 GMT")).read_url(URL)

    assert found == UrlResponse(b"kind: Component\n", '"abc"', datetime(2026, 3, 2, 12, tzinfo=UTC))


def test_a_server_without_versions_is_fine() -> None:
    assert reader(answer(last_modified="yesterday")).read_url(URL) == UrlResponse(b"kind: Component\n")


def test_an_unchanged_file_is_not_read_again() -> None:
    asked: list[http_client.Headers] = []

    def handle(request: http_client.Request) -> http_client.Response:
        asked.append(request.headers)
        return http_client.Response(304)

    with pytest.raises(NotModifiedError):
        reader(handle).read_url(URL, etag='"abc"', last_modified_after=datetime(2026, 3, 2, 12, tzinfo=UTC))

    assert asked[0]["if-none-match"] == '"abc"'
    assert asked[0]["if-modified-since"] == "Mon, 02 Mar 2026 12:00:00 GMT"


def test_unchanged_is_no_answer_for_who_has_never_read_it() -> None:
    with pytest.raises(InputError, match="can't be read: the server answered 304 Not Modified"):
        reader(answer(304, content=b"")).read_url(URL)


def test_a_version_that_cant_be_sent_is_left_out() -> None:
    asked: list[http_client.Headers] = []

    def handle(request: http_client.Request) -> http_client.Response:
        asked.append(request.headers)
        return http_client.Response(200, content=b"x", headers=[(b"ETag", b'"\xfc"')])

    version = reader(handle).read_url(URL).etag
    assert version == '"ü"'
    reader(handle).read_url(URL, etag=version)
    assert "if-none-match" not in asked[1]


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (404, NotFoundError, f"There is no file at {URL}"),
        (410, NotFoundError, "There is no file"),
        (403, InputError, "can't be read: the server answered 403 Forbidden"),
        (429, ServiceUnavailableError, "can't be read now: the server answered 429"),
        (500, ServiceUnavailableError, "can't be read now: the server answered 500"),
    ],
)
def test_a_servers_refusal_is_told(status: int, error: type[PortalError], words: str) -> None:
    with pytest.raises(error, match=words.replace(".", r"\.")):
        reader(answer(status)).read_url(URL)


def test_a_server_that_is_away_is_an_outage() -> None:
    def refuse(request: http_client.Request) -> http_client.Response:
        raise http_client.HTTPError("connection refused")

    with pytest.raises(ServiceUnavailableError, match="can't be reached: connection refused"):
        reader(refuse).read_url(URL)


def test_a_silent_server_is_given_up() -> None:
    def sleep(request: http_client.Request) -> http_client.Response:
        raise http_client.TimeoutException("timed out")

    with pytest.raises(ServiceUnavailableError, match="did not answer in time"):
        reader(sleep).read_url(URL)


class Body:
    """A body that notes how much of it was read."""

    def __init__(self, megabytes: int, clock: FakeClock | None = None, piece: bytes = b"x" * MIB) -> None:
        self.megabytes = megabytes
        self.clock = clock
        self.piece = piece
        self.pieces = 0

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self.megabytes):
            self.pieces += 1
            if self.clock:
                self.clock.advance(10)
            yield self.piece


def test_a_large_file_that_says_so_is_not_read_at_all() -> None:
    body = Body(50)

    def handle(request: http_client.Request) -> http_client.Response:
        return http_client.Response(200, content=body, headers={"Content-Length": str(50 * MIB)})

    with pytest.raises(InputError, match="is larger than the 10 MiB that it may have"):
        reader(handle).read_url(URL)
    assert body.pieces == 0


def test_a_large_file_that_does_not_say_so_is_not_read_to_its_end() -> None:
    body = Body(50)

    with pytest.raises(InputError, match="is larger than the 2 MiB"):
        reader(lambda request: http_client.Response(200, content=body)).read_url(URL, max_bytes=2 * MIB)
    assert body.pieces <= 4


def test_a_small_file_that_unpacks_to_a_large_one_is_refused() -> None:
    import gzip

    packed = gzip.compress(b"0" * 20 * MIB)
    assert len(packed) < MIB

    with pytest.raises(InputError, match="is larger than the 10 MiB"):
        reader(answer(content=packed, content_encoding="gzip")).read_url(URL)


@pytest.mark.parametrize("piece", [b"x" * MIB, b"x"], ids=["in-megabytes", "in-bytes"])
def test_a_file_that_trickles_in_is_given_up_after_a_minute(piece: bytes) -> None:
    clock = FakeClock()
    body = Body(9, clock, piece)

    with pytest.raises(ServiceUnavailableError, match="took longer than 60 seconds"):
        reader(lambda request: http_client.Response(200, content=body), clock).read_url(URL)
    assert body.pieces < 9


# Redirects


def redirecting(targets: dict[str, str]) -> tuple[Handler, list[http_client.Request]]:
    asked: list[http_client.Request] = []

    def handle(request: http_client.Request) -> http_client.Response:
        asked.append(request)
        target = targets.get(str(request.url))
        return http_client.Response(302, headers={"Location": target}) if target else http_client.Response(200)

    return handle, asked


def test_redirects_are_followed_five_times() -> None:
    hops = {f"https://example.com/{n}": f"/{n + 1}" for n in range(6)}
    handle, asked = redirecting(hops)

    reader(handle).read_url("https://example.com/1")
    assert [request.url.path for request in asked] == ["/1", "/2", "/3", "/4", "/5", "/6"]
    with pytest.raises(ServiceUnavailableError, match="redirects more than 5 times"):
        reader(handle).read_url("https://example.com/0")


def test_a_redirect_to_where_nothing_may_be_read_is_not_followed() -> None:
    handle, asked = redirecting({URL: "http://169.254.169.254/latest/meta-data"})

    with pytest.raises(NotAllowedError, match=r"redirects to http://169\.254\.169\.254/latest/meta-data") as caught:
        reader(handle).read_url(URL)

    assert len(asked) == 1
    assert "backend.reading.allow" in caught.value.message


def test_a_redirect_to_what_is_no_url_is_the_servers_fault() -> None:
    handle, _ = redirecting({URL: "http://[::bad"})
    with pytest.raises(ServiceUnavailableError, match=r"redirects to 'http://\[::bad', which is no URL"):
        reader(handle).read_url(URL)


def test_a_token_does_not_go_with_a_redirect_to_another_host() -> None:
    handle, asked = redirecting({URL: "https://other.example.com/file"})
    with allowing({"host": "example.com"}, {"host": "*.example.com"}):
        reader(handle).read_url(URL, token="secret")

    assert [request.headers.get("authorization") for request in asked] == ["Bearer secret", None]


# Searching


def test_a_wildcard_on_a_plain_server_is_refused() -> None:
    with pytest.raises(InputError, match="has a wildcard, but a plain web server can't list its files"):
        reader(answer()).search("https://example.com/*/catalog-info.yaml")


def test_a_search_without_a_wildcard_finds_the_one_file() -> None:
    found = reader(answer(etag='"1"')).search(URL)

    assert [(file.url, file.content) for file in found.files] == [(URL, b"kind: Component\n")]
    assert found.etag == '"1"'


def test_a_search_for_a_file_that_is_not_there_finds_nothing() -> None:
    assert reader(answer(404)).search(URL).files == ()
