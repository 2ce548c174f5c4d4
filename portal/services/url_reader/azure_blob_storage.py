"""The reader of Azure Blob Storage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

from portal.errors import ServiceUnavailableError
from portal.integrations import AzureBlobStorageIntegration, RepositoryUrl
from portal.integrations.host_api import MAX_JSON_BYTES, HostApi
from portal.services.url_reader.base import UrlResponse
from portal.services.url_reader.objects import ObjectStoreReader, StoredObject
from portal.services.url_reader.trees import MAX_BYTES


class AzureBlobStorageReader(ObjectStoreReader[AzureBlobStorageIntegration]):
    """Reads through the REST API: https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api."""

    group = "azure_blob_storage"

    def read_file(
        self,
        api: HostApi,
        integration: AzureBlobStorageIntegration,
        at: RepositoryUrl,
        headers: dict[str, str],
        max_bytes: int,
    ) -> UrlResponse:
        """Read a blob."""
        return self.plain(api, integration.api_url(api.about, at.repo, at.path), headers, max_bytes)

    def objects(
        self, api: HostApi, integration: AzureBlobStorageIntegration, at: RepositoryUrl, prefix: str
    ) -> Iterator[StoredObject]:
        """List blobs, page by page."""
        query = {"restype": "container", "comp": "list", "prefix": prefix}
        while True:
            content, _ = api.read(integration.api_url(api.about, at.repo, **query), max_bytes=MAX_JSON_BYTES)
            try:
                page = ElementTree.fromstring(content)
                yield from (_object(blob) for blob in page.iter("Blob"))
            except (ElementTree.ParseError, ValueError) as error:
                raise ServiceUnavailableError(
                    f"{api.about} can't be read: {integration.host} did not answer with a list of blobs.", cause=error
                ) from error
            if not (marker := page.findtext("NextMarker")):
                return
            query["marker"] = marker

    @contextmanager
    def open(
        self, api: HostApi, integration: AzureBlobStorageIntegration, at: RepositoryUrl, name: str
    ) -> Iterator[Iterator[bytes]]:
        """Open a blob."""
        with api.stream(integration.api_url(api.about, at.repo, name)) as response:
            yield api.pieces(response, max_bytes=MAX_BYTES)


def _object(blob: ElementTree.Element) -> StoredObject:
    def text(name: str) -> str:
        return blob.findtext(name) or ""

    return StoredObject(
        text("Name"),
        int(text("Properties/Content-Length")),
        text("Properties/Etag"),
        parsedate_to_datetime(text("Properties/Last-Modified")),
    )
