"""What a repository is called, by any URL that leads into it."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from portal.errors import InputError
from portal.integrations.urls import split_url

#: ``git@github.com:acme/shop.git``
_SCP = re.compile(r"[\w.-]+@[\w.-]+:(?P<path>[^/].*)")
#: What follows a repository's name in URLs of files, folders and the like, not before the third place. A dash is
#: GitLab's, whose groups may be called as the others.
_DASH = "-"
_MARKS = ("blob", "tree", "commit", "issues", "src", "raw", "edit")


class RepositoryName(NamedTuple):
    """A repository's name and its owner's: an account, a group with its parents, a project; perhaps empty."""

    owner: str
    name: str

    @property
    def slug(self) -> str:
        """Both, with a slash between."""
        return f"{self.owner}/{self.name}"


def repository_name(url: str) -> RepositoryName:
    """Return what the repository is called that a URL leads into; of an unknown host, a guess by the path.

    Raises ``InputError`` if the text is no URL.
    """
    scp = _SCP.fullmatch(url)
    parts = split_url(url)
    if not scp and not (parts.scheme and (parts.netloc or parts.path)):
        raise InputError(f"The target of the location, '{url}', is not a URL.")
    path = scp["path"] if scp else parts.path
    names = [unquote(part) for part in path.split("/") if part]
    return _of_azure(names) or _of_bitbucket_server(names) or _of_others(names)


def _of_azure(names: list[str]) -> RepositoryName | None:
    """``<organisation>/<project>/_git/<repository>``; a project may be left out that is called as its repository."""
    if "_git" not in names[:-1]:
        return None
    place = names.index("_git")
    return RepositoryName(names[place - 1] if place else "", _plain(names[place + 1]))


def _of_bitbucket_server(names: list[str]) -> RepositoryName | None:
    """``projects/<key>/repos/<repository>`` and ``scm/<key>/<repository>.git``."""
    match names:
        case ["projects" | "users", owner, "repos", name, *_]:
            return RepositoryName(owner, _plain(name))
        case ["scm", owner, name]:
            return RepositoryName(owner, _plain(name))
    return None


def _of_others(names: list[str]) -> RepositoryName:
    marks = [_DASH] if _DASH in names[2:] else _MARKS
    end = min((names.index(mark, 2) for mark in marks if mark in names[2:]), default=len(names))
    return RepositoryName("/".join(names[: end - 1]), _plain(names[end - 1]) if names else "")


def _plain(name: str) -> str:
    return name.removesuffix(".git")
