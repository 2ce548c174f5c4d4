"""Proposing a file to a repository that has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ryaml

from apps.catalog_import.operations.hosts import host_of, proposals_on
from apps.catalog_import.queries import PLUGIN_ID
from portal.clients import catalog_sources
from portal.credentials import Credentials
from portal.entities import Entity
from portal.errors import InputError, PortalError


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
    """Say whether the portal can open pull requests at an address: it has credentials there. Nobody is asked."""
    host = host_of(url)
    return host is not None and host.has_credentials(url)


def open_pull_request(wanted: PullRequest) -> OpenedPullRequest:
    """Open a pull request as the portal: a branch, a commit with the file, and the request.

    If a later step fails, the branch is removed again. Raises ``InputError`` with the step that failed and why.
    """
    host = host_of(wanted.url)
    if host is None:
        raise InputError("The portal can't open pull requests there. Copy the file, and add it to the repository.")
    with proposals_on(host, wanted.url) as repository:
        base, branch = repository.default_branch(), wanted.branch
        repository.add_file(wanted.filename, wanted.content, branch=branch, base=base, message=wanted.title)
        try:
            link = repository.open_request(wanted.title, wanted.body, branch=branch, base=base)
        except PortalError:
            repository.try_to_remove_branch(branch)
            raise
        return OpenedPullRequest(link, repository.file_url(wanted.filename, branch=base))
