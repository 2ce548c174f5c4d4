"""The URL reader service: asks its readers in turn, and the first that is for a URL reads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from portal.config import current
from portal.errors import ConfigError, NotAllowedError
from portal.integrations import scm_integrations
from portal.services.url_reader.allow import read_allowed
from portal.services.url_reader.aws_code_commit import AwsCodeCommitReader
from portal.services.url_reader.aws_s3 import AwsS3Reader
from portal.services.url_reader.azure import AzureReader
from portal.services.url_reader.azure_blob_storage import AzureBlobStorageReader
from portal.services.url_reader.base import SearchResponse, UrlReader, UrlReaderService, UrlResponse
from portal.services.url_reader.bitbucket_cloud import BitbucketCloudReader
from portal.services.url_reader.bitbucket_server import BitbucketServerReader
from portal.services.url_reader.fetch import FetchReader, advice
from portal.services.url_reader.gerrit import GerritReader
from portal.services.url_reader.gitea import GiteaReader
from portal.services.url_reader.github import GitHubReader
from portal.services.url_reader.gitlab import GitLabReader
from portal.services.url_reader.google_gcs import GoogleGcsReader
from portal.services.url_reader.harness import HarnessReader
from portal.services.url_reader.trees import Tree, TreeFilter

#: After a site's own readers, in Backstage's order. The one for plain URLs is the last: it knows least about a host.
BUILT_IN: tuple[type[UrlReader], ...] = (
    AzureReader,
    BitbucketCloudReader,
    BitbucketServerReader,
    GerritReader,
    GitHubReader,
    GiteaReader,
    GitLabReader,
    GoogleGcsReader,
    HarnessReader,
    AwsS3Reader,
    AzureBlobStorageReader,
    AwsCodeCommitReader,
    FetchReader,
)


class PredicateUrlReader(UrlReaderService):
    """Readers in order: those of ``readers`` (dotted paths of classes), then the built-in ones."""

    def __init__(self, *, readers: Iterable[str] = ()) -> None:
        self._paths = tuple(readers)

    @cached_property
    def readers(self) -> tuple[UrlReader, ...]:
        """The readers, made on first use."""
        return (*(import_string(path)() for path in self._paths), *(reader() for reader in BUILT_IN))

    def check(self) -> list[CheckMessage]:
        """Find mistakes in what is configured for reading, before the first file is."""
        found: list[CheckMessage] = []
        for read in (scm_integrations, lambda: read_allowed(current())):
            try:
                read()
            except ConfigError as error:
                found.append(Error(str(error), id="portal.E321"))
        return found

    def read_url(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified_after: datetime | None = None,
        max_bytes: int | None = None,
        token: str | None = None,
    ) -> UrlResponse:
        """Read one file with the reader that is for its URL."""
        return self._reader(url).read_url(
            url, etag=etag, last_modified_after=last_modified_after, max_bytes=max_bytes, token=token
        )

    def search(self, url: str, *, etag: str | None = None) -> SearchResponse:
        """Find files with the reader that is for the URL."""
        return self._reader(url).search(url, etag=etag)

    def read_tree(
        self, url: str, *, etag: str | None = None, filter: TreeFilter | None = None, token: str | None = None
    ) -> Tree:
        """Read a folder with the reader that is for its URL."""
        return self._reader(url).read_tree(url, etag=etag, filter=filter, token=token)

    def close(self) -> None:
        """Close the readers' connections."""
        for reader in self.__dict__.pop("readers", ()):
            reader.close()

    def _reader(self, url: str) -> UrlReader:
        for reader in self.readers:
            if reader.reads(url):
                return reader
        raise NotAllowedError(
            f"Reading {url} isn't allowed by the configuration. {advice(url)} A source host of its own is configured "
            f"under 'integrations'."
        )
