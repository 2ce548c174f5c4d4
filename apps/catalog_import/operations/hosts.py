"""Hosts on which the portal can propose a file: which ones, and how each is asked."""

from __future__ import annotations

from apps.catalog_import.operations.azure import AzureProposals
from apps.catalog_import.operations.bitbucket_cloud import BitbucketCloudProposals
from apps.catalog_import.operations.bitbucket_server import BitbucketServerProposals
from apps.catalog_import.operations.gitea import GiteaProposals
from apps.catalog_import.operations.github import GitHubProposals
from apps.catalog_import.operations.gitlab import GitLabProposals
from apps.catalog_import.operations.host_proposals import HostProposals
from portal.integrations import (
    AzureIntegration,
    BitbucketCloudIntegration,
    BitbucketServerIntegration,
    GiteaIntegration,
    GitHubIntegration,
    GitLabIntegration,
    RepositoryHost,
    scm_integrations,
)

__all__ = ["HostProposals", "host_of", "proposals_on"]

_KINDS: dict[type[RepositoryHost], type[HostProposals]] = {
    AzureIntegration: AzureProposals,
    BitbucketCloudIntegration: BitbucketCloudProposals,
    BitbucketServerIntegration: BitbucketServerProposals,
    GiteaIntegration: GiteaProposals,
    GitHubIntegration: GitHubProposals,
    GitLabIntegration: GitLabProposals,
}


def host_of(url: str) -> RepositoryHost | None:
    """Return the host of a URL if files can be proposed there, given credentials; None if they can't."""
    integration = scm_integrations().by_url(url)
    return integration if isinstance(integration, RepositoryHost) and type(integration) in _KINDS else None


def proposals_on(host: RepositoryHost, url: str) -> HostProposals:
    """Return what proposes files to the repository at ``url``. Raises ``InputError`` without credentials."""
    return _KINDS[type(host)](host, url)
