"""Which URLs may be read: what is allowed, and what is refused and why."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.config import current, override_config
from portal.errors import (
    ConfigError,
    InputError,
    NotAllowedError,
)
from portal.services.url_reader import PredicateUrlReader, UrlReader, UrlResponse
from portal.services.url_reader.allow import read_allowed, split_url


def allowing(*entries: dict[str, Any]) -> AbstractContextManager[Any]:
    return override_config({"backend": {"reading": {"allow": list(entries)}}})


def allowed(url: str) -> bool:
    parts = split_url(url)
    return any(entry.allows(parts) for entry in read_allowed(current()))


@pytest.mark.parametrize(
    ("host", "url", "expected"),
    [
        ("example.com", "https://example.com/a", True),
        ("example.com", "http://example.com/a", True),
        ("example.com", "https://example.com:443/a", True),
        ("example.com", "https://EXAMPLE.com/a", True),
        ("Example.com", "https://example.com/a", True),
        ("example.com", "https://example.com:8443/a", False),
        ("example.com", "http://example.com:443/a", False),
        ("example.com", "https://evil.com/example.com", False),
        ("example.com", "https://example.com.evil.com/", False),
        ("example.com", "https://sub.example.com/", False),
        ("*.example.com", "https://sub.example.com/", True),
        ("*.example.com", "https://a.b.example.com/", True),
        ("*.example.com", "https://example.com/", False),
        ("*.example.com", "https://evilexample.com/", False),
        ("example.com:8080", "http://example.com:8080/", True),
        ("example.com:8080", "http://example.com/", False),
        ("example.com:443", "https://example.com/", True),
        ("example.com:80", "http://example.com/", True),
        ("example.com:80", "https://example.com/", False),
        ("example.com:8000-8999", "http://example.com:8500/", True),
        ("example.com:8000-8999", "http://example.com:9000/", False),
        ("example.com:1-100", "http://example.com/", True),
        ("[::1]:7007", "http://[::1]:7007/", True),
        ("[::1]", "http://[::1]/", True),
    ],
)
def test_hosts_and_ports(host: str, url: str, expected: bool) -> None:
    with allowing({"host": host}):
        assert allowed(url) is expected


@pytest.mark.parametrize(
    ("path", "url", "expected"),
    [
        ("/team", "https://example.com/team", True),
        ("/team", "https://example.com/team/", True),
        ("/team", "https://example.com/team/a/b.yaml", True),
        ("/team", "https://example.com/team?x=1", True),
        ("/team", "https://example.com/teams", False),
        ("/team", "https://example.com/", False),
        ("/team/", "https://example.com/team/a", True),
        ("/team/", "https://example.com/team", False),
        ("/team", "https://example.com/team/../secret", False),
        ("/team", "https://example.com/team/%2e%2e/secret", False),
        ("/team", "https://example.com/team/..%2fsecret", False),
        ("/team", "https://example.com/team/..%5csecret", False),
        ("/team", "https://example.com//team", True),
        ("/my team", "https://example.com/my%20team/a", True),
        ("/my%20team", "https://example.com/my%20team/a", True),
        ("/", "https://example.com/anything", True),
    ],
)
def test_paths_match_exactly_or_at_the_end_of_a_segment(path: str, url: str, expected: bool) -> None:
    with allowing({"host": "example.com", "paths": ["/other", path]}):
        assert allowed(url) is expected


def resolved(segments: list[str]) -> list[str]:
    """Follow a path segment by segment, as a server does."""
    place: list[str] = []
    for segment in segments:
        if segment == "..":
            place = place[:-1]
        elif segment not in {"", "."}:
            place.append(segment)
    return place


WAYS_TO_WRITE = {
    "..": ["..", "%2e%2e", ".%2E"],
    ".": [".", "%2e"],
    "/": ["/", "%2f", "%2F", "\\", "%5c"],
    "a": ["a", "%61"],
    "team": ["team", "%74eam"],
    "": [""],
}


@given(st.data(), st.lists(st.sampled_from(["..", ".", "a", "team", ""]), max_size=8))
def test_no_way_of_writing_a_path_leads_out_of_an_allowed_one(data: st.DataObject, segments: list[str]) -> None:
    written = "".join(
        data.draw(st.sampled_from(WAYS_TO_WRITE["/"])) + data.draw(st.sampled_from(WAYS_TO_WRITE[segment]))
        for segment in segments
    )
    with allowing({"host": "example.com", "paths": ["/team"]}):
        assert allowed(f"https://example.com/team{written}") == (resolved(["team", *segments])[:1] == ["team"])


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({}, r"allow\[0\]\.host: is missing"),
        ({"host": "prod.*.example.com"}, "no other wildcard"),
        ({"host": "*"}, "no other wildcard"),
        ({"host": "https://example.com"}, "must be a host"),
        ({"host": "example.com:9000-8000"}, "a range of ports that isn't one"),
        ({"host": "example.com:0"}, "a range of ports that isn't one"),
        ({"host": "example.com:99999"}, "a range of ports that isn't one"),
        ({"host": "example.com", "paths": ["team"]}, "start with '/'"),
    ],
)
def test_a_bad_entry_is_refused_with_its_key(entry: dict[str, Any], words: str) -> None:
    with allowing(entry), pytest.raises(ConfigError, match=words) as caught:
        allowed("https://example.com/")

    assert "backend.reading.allow[0]" in caught.value.message


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "example.com/a", "ftp://example.com/a", "https://", "http://x:0/"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="not a URL that can be read"):
        PredicateUrlReader().read_url(url)


def test_a_password_in_a_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(InputError, match=r"example\.com holds a user name or password") as caught:
        PredicateUrlReader().read_url("https://me:hunter2@example.com/a")

    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        ("https://closed.example.com/a.yaml", "'- host: closed.example.com'"),
        ("http://example.com:8080/a.yaml", "'- host: example.com:8080'"),
        ("http://[::1]:80/a.yaml", "'- host: [::1]:80'"),
    ],
)
def test_what_no_reader_is_for_says_what_to_configure(url: str, entry: str) -> None:
    with pytest.raises(NotAllowedError) as caught:
        PredicateUrlReader().read_url(url)

    assert f"To allow it, add {entry} to backend.reading.allow in app-config.yaml." in caught.value.message


class RecipeReader(UrlReader):
    """A site's own reader."""

    def reads(self, url: str) -> bool:
        return url.startswith("https://recipes.example.com/")

    def read_url(self, url: str, **options: Any) -> UrlResponse:
        return UrlResponse(b"flour", etag="1")


def test_a_sites_own_reader_comes_first() -> None:
    service = PredicateUrlReader(readers=[f"{__name__}.RecipeReader"])

    assert service.read_url("https://recipes.example.com/bread").content == b"flour"
    with pytest.raises(NotAllowedError):
        service.read_url("https://closed.example.com/bread")
