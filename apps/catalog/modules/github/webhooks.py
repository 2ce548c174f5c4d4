"""What GitHub's webhooks say, as far as it matters here.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.catalog.modules.github.repositories import Repository

BRANCH = "refs/heads/"


@dataclass(frozen=True)
class Push:
    """Commits that have come to a branch."""

    owner: str
    repository: Repository
    branch: str
    #: Paths that the commits touched; False for files that are gone afterwards.
    files: dict[str, bool]

    @classmethod
    def read(cls, payload: Any) -> Push | None:
        """Read a payload; None if it isn't about a branch's commits."""
        if not str(payload["ref"]).startswith(BRANCH) or payload.get("deleted"):
            return None
        files: dict[str, bool] = {}
        for commit in payload["commits"]:
            files |= dict.fromkeys([*commit["added"], *commit["modified"]], True)
            files |= dict.fromkeys(commit["removed"], False)
        owner = payload["repository"]["owner"]
        return cls(
            # A push has a shape of its own: elsewhere it is the login alone.
            owner=owner.get("login") or owner["name"],
            repository=Repository.of_webhook(payload["repository"]),
            branch=payload["ref"].removeprefix(BRANCH),
            files=files,
        )


@dataclass(frozen=True)
class RepositoryNews:
    """A repository that was created, changed, moved or deleted."""

    owner: str
    name: str
    url: str
    default_branch: str
    deleted: bool
    #: Where it was before: URL and default branch.
    former: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, payload: Any) -> RepositoryNews | None:
        """Read a payload; None if it isn't about a repository."""
        repository = payload.get("repository")
        if repository is None:
            return None
        url, branch = repository["html_url"], repository["default_branch"]
        changes = payload.get("changes") or {}
        former = []
        if name := _at(changes, "repository", "name", "from"):
            former.append((f"{url.rpartition('/')[0]}/{name}", branch))
        if owner := _at(changes, "owner", "from", "organization", "login") or _at(
            changes, "owner", "from", "user", "login"
        ):
            former.append((f"{url.rsplit('/', 2)[0]}/{owner}/{repository['name']}", branch))
        if default := _at(changes, "default_branch", "from"):
            former.append((url, default))
        return cls(
            owner=repository["owner"]["login"],
            name=repository["name"],
            url=url,
            default_branch=branch,
            deleted=payload["action"] == "deleted",
            former=tuple(former),
        )


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
