"""All configured source hosts (Backstage's ``ScmIntegrations``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Generic, TypeVar

from portal import http_client
from portal.config import Config, current
from portal.errors import InputError
from portal.integrations.aws_code_commit import AwsCodeCommitIntegration
from portal.integrations.aws_s3 import AwsS3Integration
from portal.integrations.azure import AzureIntegration
from portal.integrations.azure_blob_storage import AzureBlobStorageIntegration
from portal.integrations.base import ScmIntegration
from portal.integrations.bitbucket_cloud import BitbucketCloudIntegration
from portal.integrations.bitbucket_server import BitbucketServerIntegration
from portal.integrations.gerrit import GerritIntegration
from portal.integrations.gitea import GiteaIntegration
from portal.integrations.github import GitHubIntegration
from portal.integrations.gitlab import GitLabIntegration
from portal.integrations.google_gcs import GoogleGcsIntegration
from portal.integrations.harness import HarnessIntegration
from portal.integrations.urls import Repository, guessed_repository, guessed_root, joined

T = TypeVar("T", bound=ScmIntegration)


@dataclass(frozen=True)
class Integrations(Generic[T]):
    """The configured hosts of one type. Where two entries are for the same host, the first counts."""

    members: tuple[T, ...]

    def __iter__(self) -> Iterator[T]:
        return iter(self.members)

    def by_url(self, url: str) -> T | None:
        """Return the one that a URL is on."""
        return next((one for one in self.members if one.serves(url)), None)

    def by_host(self, host: str) -> T | None:
        """Return the one for a host, with port if need be."""
        return next((one for one in self.members if one.host == host.lower()), None)


@dataclass(frozen=True)
class ScmIntegrations:
    """The configured hosts of all types, in the order in which they are asked for a URL."""

    aws_code_commit: Integrations[AwsCodeCommitIntegration]
    aws_s3: Integrations[AwsS3Integration]
    azure_blob_storage: Integrations[AzureBlobStorageIntegration]
    azure: Integrations[AzureIntegration]
    bitbucket_cloud: Integrations[BitbucketCloudIntegration]
    bitbucket_server: Integrations[BitbucketServerIntegration]
    gerrit: Integrations[GerritIntegration]
    github: Integrations[GitHubIntegration]
    gitlab: Integrations[GitLabIntegration]
    gitea: Integrations[GiteaIntegration]
    google_gcs: Integrations[GoogleGcsIntegration]
    harness: Integrations[HarnessIntegration]

    @classmethod
    def from_config(cls, config: Config, *, transport: http_client.BaseTransport | None = None) -> ScmIntegrations:
        """Read ``integrations``. ``transport`` is for tests. Raises ``ConfigError`` for the first mistake in it."""

        def read(type_: type[T]) -> Integrations[T]:
            return Integrations(type_.read_all(config, transport=transport))

        return cls(
            aws_code_commit=read(AwsCodeCommitIntegration),
            aws_s3=read(AwsS3Integration),
            azure_blob_storage=read(AzureBlobStorageIntegration),
            azure=read(AzureIntegration),
            bitbucket_cloud=read(BitbucketCloudIntegration),
            bitbucket_server=read(BitbucketServerIntegration),
            gerrit=read(GerritIntegration),
            github=read(GitHubIntegration),
            gitlab=read(GitLabIntegration),
            gitea=read(GiteaIntegration),
            google_gcs=read(GoogleGcsIntegration),
            harness=read(HarnessIntegration),
        )

    def list(self) -> list[ScmIntegration]:
        """Return all of them."""
        return [one for group in self._groups() for one in group]

    def by_url(self, url: str) -> ScmIntegration | None:
        """Return the one that a URL is on, None if its host isn't configured."""
        return next((one for one in self.list() if one.serves(url)), None)

    def by_host(self, host: str) -> ScmIntegration | None:
        """Return the one for a host, with port if need be."""
        return next((one for one in self.list() if one.host == host.lower()), None)

    def resolve_url(self, target: str, base: str, line_number: int | None = None) -> str:
        """Return the absolute URL that ``target`` means in the file at ``base``.

        A leading ``/`` stands for the root of the repository, or of the host if ``base`` is in none. The query of
        ``base``, which may name the branch, is carried over. ``line_number`` becomes the fragment that leads there.
        Raises ``InputError`` if ``base`` is no URL.
        """
        integration = self.by_url(base)
        if integration is not None:
            return integration.resolve_url(target, base, line_number)
        return joined(target, base, root=guessed_root(base), line_number=line_number)

    def resolve_edit_url(self, url: str) -> str:
        """Return where a person can edit the file at ``url``; the URL itself if the host isn't configured."""
        integration = self.by_url(url)
        return url if integration is None else integration.resolve_edit_url(url)

    def repository_of(self, url: str) -> Repository | None:
        """Return the repository that the URL of a file points into, None if it doesn't look like one."""
        integration = self.by_url(url)
        if integration is None:
            return guessed_repository(url)
        try:
            at = integration.parse(url)
        except InputError:
            return None
        return at.repository if at.path else None

    def _groups(self) -> Iterator[Integrations[ScmIntegration]]:
        return (getattr(self, field.name) for field in fields(self))


def scm_integrations(config: Config | None = None) -> ScmIntegrations:
    """Return the hosts of a configuration, by default the process's; tokens that they get are kept as long as it is."""
    return _of(current() if config is None else config)


@lru_cache(maxsize=4)
def _of(config: Config) -> ScmIntegrations:
    return ScmIntegrations.from_config(config)
