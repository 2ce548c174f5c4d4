"""Bitbucket Server's REST API, as the provider uses it.

https://developer.atlassian.com/server/bitbucket/rest/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from apps.catalog.modules.rest_api import RestApi, encoded
from portal import http_client
from portal.integrations import BitbucketServerIntegration

PAGE_SIZE = 100


class Repository(NamedTuple):
    """A repository."""

    slug: str
    project_key: str
    #: The page on which people browse its files.
    url: str
    archived: bool
    #: None if the API hasn't said, as newer ones don't.
    default_branch: str | None

    @classmethod
    def of(cls, body: dict[str, Any]) -> Repository:
        """Read what the API says."""
        return cls(
            slug=body["slug"],
            project_key=body["project"]["key"],
            url=body["links"]["self"][0]["href"],
            archived=body.get("archived", False),
            default_branch=body.get("defaultBranch"),
        )


class BitbucketServer:
    """A server as it is read with what is configured to let the portal in. Errors are those of ``RestApi``."""

    def __init__(self, client: http_client.Client, integration: BitbucketServerIntegration) -> None:
        self._api = RestApi(client, integration, integration.api_base_url, f"https://{integration.host}/projects")

    def projects(self) -> Iterator[str]:
        """Yield the keys of the projects."""
        for project in self._pages("projects"):
            yield project["key"]

    def repositories(self, project: str) -> Iterator[Repository]:
        """Yield the repositories of a project."""
        return map(Repository.of, self._pages(f"projects/{encoded(project)}/repos"))

    def repository(self, project: str, slug: str) -> Repository | None:
        """Return a repository, None if there is none that may be seen."""
        body = self._api.find_object(self._api.url(f"projects/{encoded(project)}/repos/{encoded(slug)}"))
        return Repository.of(body) if body else None

    def default_branch(self, repository: Repository) -> str | None:
        """Return the name of a repository's default branch, None for one without any commit."""
        if repository.default_branch is not None:
            return repository.default_branch
        path = f"projects/{encoded(repository.project_key)}/repos/{encoded(repository.slug)}/default-branch"
        found = self._api.find_object(self._api.url(path))
        return found["displayId"] if found else None

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        start: int | None = 0
        while start is not None:
            page = self._api.get_object(self._api.url(path, start=start, limit=PAGE_SIZE))
            yield from page["values"]
            start = None if page["isLastPage"] else page["nextPageStart"]
