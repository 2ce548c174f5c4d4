"""Bitbucket Cloud's REST API, as the provider uses it.

https://developer.atlassian.com/cloud/bitbucket/rest/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from apps.catalog.modules.rest_api import RestApi, encoded
from portal import http_client
from portal.integrations import BitbucketCloudIntegration
from portal.integrations.urls import encoded as encoded_path

PAGE_SIZE = 100
#: The branch of repositories that don't say which is their main one.
DEFAULT_BRANCH = "master"
#: What is asked for of each file: its repository in detail, and no matching lines.
_FIELDS = (
    "-values.content_matches,-values.*.links,-values.*.*.links,-values.*.*.*.links,"
    "+values.file.commit.repository.mainbranch.name,+values.file.commit.repository.project.key,"
    "+values.file.commit.repository.slug,+values.file.commit.repository.links.html.href"
)


class Repository(NamedTuple):
    """A repository."""

    slug: str
    project_key: str
    #: The page that people see.
    url: str
    branch: str

    @classmethod
    def of(cls, body: dict[str, Any]) -> Repository:
        """Read what the API says."""
        return cls(
            slug=body["slug"],
            project_key=body["project"]["key"],
            url=body["links"]["html"]["href"],
            branch=(body.get("mainbranch") or {}).get("name") or DEFAULT_BRANCH,
        )

    def file_url(self, path: str) -> str:
        """Return the URL of a file on the main branch."""
        return f"{self.url}/src/{encoded(self.branch)}/{encoded_path(path)}"


class FoundFile(NamedTuple):
    """A file, and the repository that it is in."""

    path: str
    repository: Repository


class Workspace:
    """A workspace as it is read with what is configured to let the portal in. Errors are those of ``RestApi``."""

    def __init__(self, client: http_client.Client, integration: BitbucketCloudIntegration, name: str) -> None:
        self._name = encoded(name)
        about = f"https://{integration.host}/{self._name}"
        self._api = RestApi(client, integration, integration.api_base_url, about)

    def projects(self) -> Iterator[str]:
        """Yield the keys of the projects."""
        for project in self._pages(f"workspaces/{self._name}/projects"):
            yield project["key"]

    def files(self, path: str, *, project: str | None = None) -> Iterator[FoundFile]:
        """Yield the files that the code search finds by name and path, of all projects or of one."""
        query = f'"{path.rpartition("/")[2]}" path:{path}' + (f" project:{project}" if project else "")
        for match in self._pages(f"workspaces/{self._name}/search/code", search_query=query, fields=_FIELDS):
            # The others have the text somewhere in their content.
            if match["path_matches"]:
                yield FoundFile(match["file"]["path"], Repository.of(match["file"]["commit"]["repository"]))

    def repository(self, slug: str) -> Repository | None:
        """Return a repository, None if there is none that may be seen."""
        body = self._api.find_object(self._api.url(f"repositories/{self._name}/{encoded(slug)}"))
        return Repository.of(body) if body else None

    def has_file(self, repository: Repository, path: str) -> bool:
        """Say whether a file is there, on the main branch."""
        below = f"repositories/{self._name}/{encoded(repository.slug)}/src/{encoded(repository.branch)}"
        found = self._api.find_object(self._api.url(f"{below}/{encoded_path(path)}", format="meta"))
        return found is not None and found.get("type") == "commit_file"

    def _pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        url: str | None = self._api.url(path, **query, pagelen=PAGE_SIZE)
        while url:
            page = self._api.get_object(url)
            yield from page["values"]
            url = page.get("next")
