"""The reader of Google Cloud Storage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import quote, urlencode

from portal.integrations import GoogleGcsIntegration, RepositoryUrl
from portal.integrations.host_api import HostApi
from portal.services.url_reader.base import UrlResponse
from portal.services.url_reader.objects import ObjectStoreReader, StoredObject
from portal.services.url_reader.trees import MAX_BYTES

FIELDS = "items(name,size,etag,updated),nextPageToken"


class GoogleGcsReader(ObjectStoreReader[GoogleGcsIntegration]):
    """Reads through the JSON API: https://cloud.google.com/storage/docs/json_api."""

    group = "google_gcs"

    def read_file(
        self,
        api: HostApi,
        integration: GoogleGcsIntegration,
        at: RepositoryUrl,
        headers: dict[str, str],
        max_bytes: int,
    ) -> UrlResponse:
        """Read an object."""
        return self.plain(api, _content(integration, at.repo, at.path), headers, max_bytes)

    def objects(
        self, api: HostApi, integration: GoogleGcsIntegration, at: RepositoryUrl, prefix: str
    ) -> Iterator[StoredObject]:
        """List objects, page by page."""
        query = {"fields": FIELDS, "prefix": prefix}
        while True:
            page = api.json(f"{integration.bucket_url(at.repo)}?{urlencode(query)}")
            for item in page.get("items", []):
                updated = datetime.fromisoformat(item["updated"])
                yield StoredObject(item["name"], int(item["size"]), item["etag"], updated)
            if not page.get("nextPageToken"):
                return
            query["pageToken"] = page["nextPageToken"]

    @contextmanager
    def open(
        self, api: HostApi, integration: GoogleGcsIntegration, at: RepositoryUrl, name: str
    ) -> Iterator[Iterator[bytes]]:
        """Open an object."""
        with api.stream(_content(integration, at.repo, name)) as response:
            yield api.pieces(response, max_bytes=MAX_BYTES)


def _content(integration: GoogleGcsIntegration, bucket: str, name: str) -> str:
    return f"{integration.bucket_url(bucket)}/{quote(name, safe='')}?alt=media"
