"""URLs on source hosts: taking them apart, and finding what a relative one means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from portal.errors import InputError

DEFAULT_PORTS = {"http": 80, "https": 443}
#: A branch, tag or commit may be named in the query of a URL; the rest of the path then follows the kind of page.
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
#: What browsers leave as it is in a path; the rest is written as %XX.
_SAFE_IN_PATH = "/%:@!$&'()*+,;=~[]|"
#: What stands between a repository and a path in it, on hosts of any kind: ``/blob/main/``, ``/src/branch/main/``.
_IN_REPOSITORY = re.compile(
    r"(?P<root>(?P<repository>/[^/]+/.+?)/(?:-/)?(?:(?:blob|tree|edit|raw)/|src/(?:branch/|commit/|tag/)?)[^/]+)/(?P<path>.+)"
)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on some host; two files lie in the same one if these are equal. In lower case."""

    host: str
    full_name: str


@dataclass(frozen=True, slots=True)
class RepositoryUrl:
    """What a URL on a source host points at: a repository, or a file, folder or pattern in it."""

    host: str
    #: An account, a group with its parents, a project: whatever the host puts before the repository's name.
    owner: str
    repo: str
    #: The branch, tag or commit; empty for the default branch.
    ref: str = ""
    #: Without a slash at its start, decoded; empty for the repository itself.
    path: str = ""
    #: ``branch``, ``tag`` or ``commit`` if the URL says so; empty if it may be any of them.
    ref_type: str = ""

    @property
    def full_name(self) -> str:
        """The repository's name after its owner's, with a slash between."""
        return f"{self.owner}/{self.repo}" if self.owner else self.repo

    @property
    def repository(self) -> Repository:
        """The repository, without ref and path."""
        return Repository(self.host.lower(), self.full_name.lower())


def split_url(url: str) -> SplitResult:
    """Take a URL apart. Raises ``InputError`` if it isn't one."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise InputError(f"{url} is no valid URL: {error}.") from error


def host_of(url: str) -> str:
    """Return host and port of a URL as the configuration writes them; empty if the text is no URL.

    In lower case, without the port that its scheme has anyway.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    host = f"[{host}]" if ":" in host else host
    return host if port in {None, DEFAULT_PORTS.get(parts.scheme)} else f"{host}:{port}"


def origin_of(url: str) -> str:
    """Return scheme and host of a URL, without user and password."""
    return f"{split_url(url).scheme}://{host_of(url)}"


def is_absolute(target: str) -> bool:
    """Tell whether a target is a URL of its own, as opposed to a path relative to something."""
    return _ABSOLUTE.match(target) is not None


def decoded(path: str, url: str) -> str:
    """Return a path of ``url`` decoded. Raises ``InputError`` if a segment is ``.`` or ``..``, in whatever writing."""
    plain, before = path, ""
    while plain != before:
        plain, before = unquote(plain), plain
        if {".", ".."} & set(plain.replace("\\", "/").split("/")):
            raise InputError(f"{url} has '.' or '..' in its path. Name the file by its own path.")
    return unquote(path)


def encoded(path: str) -> str:
    """Return a decoded path as it is written in a URL. Wildcards stay readable."""
    return quote(path, safe="/:@!$&'()*+,;=~[]|")


def joined(target: str, base: str, *, root: str | None = None, line_number: int | None = None) -> str:
    """Return the absolute URL that ``target`` means in the file at ``base``.

    ``root`` is the part of the base's path that a ``/`` at the target's start stands for: the repository with its
    ref. None for the root of the host. The query of ``base``, which may name the branch, is carried over.
    ``line_number`` becomes a fragment. Raises ``InputError`` if ``base`` is no URL.
    """
    if is_absolute(target):
        return target
    parts = split_url(base)
    if not parts.scheme or not parts.netloc:
        raise InputError(f"'{target}' is relative, and '{base}' is no URL that it could be relative to.")
    if target.startswith("/") and root is not None:
        found = parts._replace(path=root.rstrip("/") + target, fragment="")
    else:
        found = split_url(urljoin(urlunsplit(parts._replace(query="", fragment="")), target))
    found = found._replace(path=quote(found.path, safe=_SAFE_IN_PATH), query=parts.query)
    return urlunsplit(found._replace(fragment=f"L{line_number}") if line_number else found)


def with_query(url: str, **values: str) -> str:
    """Return a URL with values of its query set, the others as they are."""
    parts = split_url(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | values
    # As browsers write it, who leave the star, so that a pattern can be read.
    return urlunsplit(parts._replace(query=urlencode(query, safe="*").replace("~", "%7E")))


def guessed_root(url: str) -> str | None:
    """Return where the path of a file's URL reaches its repository's root, None if it doesn't look like one.

    For hosts that nobody has configured: most write their URLs in one of a few ways.
    """
    match = _IN_REPOSITORY.fullmatch(split_url(url).path)
    return match["root"] if match else None


def guessed_repository(url: str) -> Repository | None:
    """Return the repository that the URL of a file points into, None if it doesn't look like one."""
    match = _IN_REPOSITORY.fullmatch(split_url(url).path)
    return Repository(host_of(url), unquote(match["repository"]).strip("/").lower()) if match else None
