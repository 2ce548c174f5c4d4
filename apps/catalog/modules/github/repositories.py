"""Repositories as GitHub describes them, and which of them a provider wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.catalog.modules.github.conf import GithubProviderConfig
from apps.catalog.modules.github_api import GitHubApi

_FIELDS = """
fragment Fields on Repository {
  name url isArchived isFork visibility
  repositoryTopics(first: 100) { nodes { topic { name } } }
  defaultBranchRef { name }
  catalogFile: object(expression: $file) @include(if: $validate) { __typename ... on Blob { byteSize } }
}
"""
_ALL = (
    """
query Repositories($owner: String!, $cursor: String, $size: Int!, $file: String!, $validate: Boolean!) {
  repositoryOwner(login: $owner) {
    repositories(first: $size, after: $cursor) {
      nodes { ...Fields }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
    + _FIELDS
)
_ONE = (
    """
query Repository($owner: String!, $name: String!, $file: String!, $validate: Boolean!) {
  repository(owner: $owner, name: $name) { ...Fields }
}
"""
    + _FIELDS
)


@dataclass(frozen=True)
class Repository:
    """A repository."""

    name: str
    #: The page that people see.
    url: str
    #: None for one without any commit.
    default_branch: str | None
    topics: frozenset[str]
    archived: bool
    fork: bool
    #: In lower case.
    visibility: str
    #: Whether the catalog file is there; None: nobody has looked.
    has_file: bool | None = None

    @classmethod
    def of_node(cls, node: dict[str, Any]) -> Repository:
        """Read what the GraphQL API says."""
        file = node.get("catalogFile")
        return cls(
            name=node["name"],
            url=node["url"],
            default_branch=(node["defaultBranchRef"] or {}).get("name"),
            topics=frozenset(one["topic"]["name"] for one in node["repositoryTopics"]["nodes"]),
            archived=node["isArchived"],
            fork=node["isFork"],
            visibility=node["visibility"].lower(),
            has_file=bool(file and file["__typename"] == "Blob" and file["byteSize"])
            if "catalogFile" in node
            else None,
        )

    @classmethod
    def of_webhook(cls, body: dict[str, Any]) -> Repository:
        """Read what a webhook says, in the words of the REST API."""
        return cls(
            name=body["name"],
            url=body["html_url"],
            default_branch=body["default_branch"],
            topics=frozenset(body.get("topics", ())),
            archived=body["archived"],
            fork=body["fork"],
            visibility=body.get("visibility") or ("private" if body["private"] else "public"),
        )


def all_repositories(api: GitHubApi, config: GithubProviderConfig) -> Iterator[Repository]:
    """Yield an account's repositories, page after page; raises like ``GitHubApi.pages``."""
    nodes = api.pages(
        _ALL,
        lambda data: (data.get("repositoryOwner") or {}).get("repositories"),
        owner=api.account,
        size=config.page_size,
        **_file(config),
    )
    return map(Repository.of_node, nodes)


def one_repository(api: GitHubApi, config: GithubProviderConfig, name: str) -> Repository | None:
    """Return a repository of an account, None if there is none of that name; raises like ``GitHubApi.query``."""
    node = api.query(_ONE, owner=api.account, name=name, **_file(config)).get("repository")
    return Repository.of_node(node) if node else None


def is_wanted(repository: Repository, config: GithubProviderConfig) -> bool:
    """Say whether a provider's filters let a repository through."""
    return (
        repository.default_branch is not None
        and repository.has_file is not False
        and (config.allow_archived or not repository.archived)
        and (config.allow_forks or not repository.fork)
        and (config.repository is None or config.repository.search(repository.name) is not None)
        and (not config.visibility or repository.visibility in config.visibility)
        and (not config.include_topics or bool(config.include_topics & repository.topics))
        and not config.exclude_topics & repository.topics
    )


def file_url(config: GithubProviderConfig, url: str, default_branch: str | None, path: str | None = None) -> str:
    """Return the URL of a file, by default the catalog file or pattern, of the repository at ``url``."""
    return f"{url}/blob/{config.branch or default_branch}/{config.catalog_path if path is None else path}"


def _file(config: GithubProviderConfig) -> dict[str, Any]:
    return {"file": f"{config.branch or 'HEAD'}:{config.catalog_path}", "validate": config.validate_locations}
