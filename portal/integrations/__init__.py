"""Source hosts: which are configured, how they write URLs, and what lets the portal in.

::

    integrations = scm_integrations()
    integrations.resolve_url("./api.yaml", "https://github.com/acme/shop/blob/main/catalog-info.yaml")
    integrations.github.by_host("github.com").credentials("https://github.com/acme/shop").headers
"""

from portal.integrations.aws_code_commit import AwsCodeCommitIntegration
from portal.integrations.aws_s3 import AwsS3Integration
from portal.integrations.azure import AzureIntegration
from portal.integrations.azure_blob_storage import AzureBlobStorageIntegration
from portal.integrations.base import RepositoryHost, ScmIntegration
from portal.integrations.bitbucket_cloud import BitbucketCloudIntegration
from portal.integrations.bitbucket_server import BitbucketServerIntegration
from portal.integrations.credentials import Credentials
from portal.integrations.gerrit import GerritIntegration
from portal.integrations.gitea import GiteaIntegration
from portal.integrations.github import GitHubIntegration
from portal.integrations.github_apps import GitHubApp
from portal.integrations.gitlab import GitLabIntegration
from portal.integrations.google_gcs import GoogleGcsIntegration
from portal.integrations.harness import HarnessIntegration
from portal.integrations.registry import Integrations, ScmIntegrations, scm_integrations
from portal.integrations.repositories import file_url
from portal.integrations.urls import Repository, RepositoryUrl, is_absolute

__all__ = [
    "AwsCodeCommitIntegration",
    "AwsS3Integration",
    "AzureBlobStorageIntegration",
    "AzureIntegration",
    "BitbucketCloudIntegration",
    "BitbucketServerIntegration",
    "Credentials",
    "GerritIntegration",
    "GitHubApp",
    "GitHubIntegration",
    "GitLabIntegration",
    "GiteaIntegration",
    "GoogleGcsIntegration",
    "HarnessIntegration",
    "Integrations",
    "Repository",
    "RepositoryHost",
    "RepositoryUrl",
    "ScmIntegration",
    "ScmIntegrations",
    "file_url",
    "is_absolute",
    "scm_integrations",
]
