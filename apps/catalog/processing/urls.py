"""URLs of files in repositories: what a relative target means, and where a person can edit a file.

Hosts differ in how they write these. ``integrations`` in the configuration says which host is of which kind; the public
sites are known anyway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from portal.config import Config
from portal.errors import InputError

PUBLIC_HOSTS = {"github.com": "github", "gitlab.com": "gitlab", "bitbucket.org": "bitbucketCloud"}

#: What stands between a repository and a path in it: ``/blob/main/``, ``/-/blob/main/``, ``/src/branch/main/``.
_IN_REPOSITORY = re.compile(
    r"^(?P<repository>/[^/]+/.+?)/(?:-/)?(?:(?:blob|tree|edit|raw)/|src/(?:branch/|commit/|tag/)?)(?P<path>.*)$"
)
_GITHUB_KIND = re.compile(r"^(/[^/]+/[^/]+)/(?:blob|tree|edit)/")
_GITLAB_KIND = re.compile(r"/-/(?:blob|tree|edit)/")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on some host; two files lie in the same one if these are equal."""

    host: str
    path: str


def is_absolute(url: str) -> bool:
    """Tell whether a target is a URL of its own, as opposed to a path relative to something."""
    return _ABSOLUTE.match(url) is not None


def repository_of(url: str) -> Repository | None:
    """Return the repository that a URL points into, or None if it doesn't look like a file in one."""
    parts = _split(url)
    match = _IN_REPOSITORY.match(parts.path)
    return Repository(parts.netloc.lower(), match["repository"].lower()) if match else None


class ScmUrls:
    """Knows which hosts are of which kind, and how each kind writes its URLs."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        """Take the kind (``github``, ``gitlab``, ``bitbucketCloud``) of each host that isn't public."""
        self._kinds = PUBLIC_HOSTS | {host.lower(): kind for host, kind in kinds.items()}

    @classmethod
    def from_config(cls, config: Config) -> ScmUrls:
        """Read the hosts from ``integrations.<kind>[].host``."""
        return cls(
            {
                entry.get_str("host"): kind
                for kind in PUBLIC_HOSTS.values()
                for entry in config.children(f"integrations.{kind}")
                if entry.has("host")
            }
        )

    def kind_of(self, url: str) -> str | None:
        """Return the kind of SCM that serves a URL, or None if it is none that is known."""
        return self._kinds.get(_split(url).netloc.lower())

    def resolve(self, target: str, base: str) -> str:
        """Return the absolute URL that ``target`` means in the file at ``base``.

        A leading ``/`` stands for the root of the repository, or of the host if ``base`` is in none. The query string
        of ``base``, which may name the branch, is carried over. Raises ``InputError`` if ``base`` is no URL.
        """
        url = target if is_absolute(target) else self._joined(target, base)
        # GitHub redirects a tree that is a file to its blob, but not the other way round.
        return _as_github(url, "tree") if self.kind_of(base) == "github" else url

    def _joined(self, target: str, base: str) -> str:
        parts = _split(base)
        if not parts.scheme or not parts.netloc:
            raise InputError(f"'{target}' is relative, and '{base}' is no URL that it could be relative to.")
        match = _IN_REPOSITORY.match(parts.path)
        if target.startswith("/") and match:
            root = parts.path[: match.start("path")] + match["path"].split("/", 1)[0]  # with the branch's name
            joined = parts._replace(path=root + target, fragment="")
        else:
            joined = _split(urljoin(base, target))
        return urlunsplit(joined._replace(query=parts.query))

    def edit_url(self, url: str) -> str | None:
        """Return where a person can edit the file at ``url``, or None if the host's way isn't known."""
        kind = self.kind_of(url)
        if kind == "github":
            return _as_github(url, "edit")
        if kind == "gitlab":
            return _GITLAB_KIND.sub("/-/edit/", url, count=1)
        if kind == "bitbucketCloud":
            parts = _split(url)
            match = _IN_REPOSITORY.match(parts.path)
            branch = match["path"].split("/", 1)[0] if match else ""
            query = dict(parse_qsl(parts.query)) | {"mode": "edit", "spa": "0", "at": branch}
            return urlunsplit(parts._replace(query=urlencode(query)))
        return None

    def folder_url(self, url: str) -> str | None:
        """Return the folder that the file at ``url`` lies in, or None if the host's way isn't known."""
        return self.resolve("./", url) if self.kind_of(url) else None


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise InputError(f"{url} is no valid URL: {error}.") from error


def _as_github(url: str, kind: str) -> str:
    parts = _split(url)
    return urlunsplit(parts._replace(path=_GITHUB_KIND.sub(rf"\1/{kind}/", parts.path, count=1)))
