"""Proposing a file to a repository that has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ryaml

from apps.catalog_import.operations.github import GitHubRepository
from apps.catalog_import.queries import PLUGIN_ID
from portal.clients import catalog_sources
from portal.credentials import Credentials
from portal.entities import Entity
from portal.errors import InputError, PortalError
from portal.integrations import GitHubIntegration, scm_integrations


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What somebody wants to propose: a file for a repository, with words about it."""

    url: str
    filename: str
    content: str
    branch: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class OpenedPullRequest:
    """A pull request: where it is, and where the file will be once it is merged."""

    link: str
    location: str


def proposed_entity(proposal: Entity, *, name: str, owner: str) -> Entity:
    """Return a proposal with the name and the owner that a person chose."""
    metadata = {**proposal["metadata"], "name": name}
    spec: dict[str, Any] = {**proposal.get("spec", {}), "owner": owner}
    return {**proposal, "metadata": metadata, "spec": spec}


def as_yaml(entity: Entity) -> str:
    """Return an entity as its file has it."""
    return str(ryaml.dumps(entity))


def validation_errors(entity: Entity, *, url: str, credentials: Credentials) -> list[str]:
    """Return what the catalog would say against an entity in a file of the repository at ``url``."""
    return catalog_sources.acting_for(PLUGIN_ID, credentials).validate_entity(entity, location=url)


def can_open_pull_requests(url: str) -> bool:
    """Say whether pull requests can be opened at an address: GitHub, with credentials. Nobody is asked."""
    integration = scm_integrations().by_url(url)
    return isinstance(integration, GitHubIntegration) and bool(integration.token or integration.apps)


def open_pull_request(wanted: PullRequest) -> OpenedPullRequest:
    """Open a pull request as the portal: a branch, a commit with the file, and the request.

    If a later step fails, the branch is removed again. Raises ``InputError`` with the step that failed and why.
    """
    integration = scm_integrations().by_url(wanted.url)
    if not isinstance(integration, GitHubIntegration):
        raise InputError("Pull requests can be opened on GitHub only. Copy the file, and add it to the repository.")
    with GitHubRepository(integration, wanted.url) as repository:
        base = repository.default_branch()
        repository.create_branch(wanted.branch, base=base)
        try:
            repository.add_file(wanted.filename, wanted.content, branch=wanted.branch, message=wanted.title)
            link = repository.open_pull_request(wanted.title, wanted.body, branch=wanted.branch, base=base)
        except PortalError:
            repository.delete_branch(wanted.branch)
            raise
        return OpenedPullRequest(link, repository.file_url(wanted.filename, branch=base))
