"""The reader of Amazon S3, and of stores that speak its protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from portal import http_client
from portal.integrations import AwsS3Integration, RepositoryUrl
from portal.integrations.host_api import HostApi
from portal.services.url_reader.base import UrlResponse
from portal.services.url_reader.objects import ObjectStoreReader, StoredObject
from portal.services.url_reader.trees import BLOCK, MAX_BYTES


class AwsS3Reader(ObjectStoreReader[AwsS3Integration]):
    """Reads with botocore, which signs requests and finds credentials as all AWS programs do."""

    group = "aws_s3"

    def read_file(
        self, api: HostApi, integration: AwsS3Integration, at: RepositoryUrl, headers: dict[str, str], max_bytes: int
    ) -> UrlResponse:
        """Read an object."""
        conditions = {
            "IfNoneMatch": headers.get("If-None-Match"),
            "IfModifiedSince": http_client.http_date(headers.get("If-Modified-Since")),
        }
        given = {name: value for name, value in conditions.items() if value}
        with integration.translated_errors(api.about):
            found = _client(api, integration).get_object(Bucket=at.repo, Key=at.path, **given)
            with found["Body"] as body:
                pieces = http_client.limited(
                    iter(lambda: body.read(BLOCK), b""),
                    api.about,
                    length=found["ContentLength"],
                    max_bytes=max_bytes,
                    deadline=api.deadline,
                )
                content = b"".join(pieces)
        return UrlResponse(content, found.get("ETag"), found.get("LastModified"))

    def objects(
        self, api: HostApi, integration: AwsS3Integration, at: RepositoryUrl, prefix: str
    ) -> Iterator[StoredObject]:
        """List objects, page by page."""
        with integration.translated_errors(api.about):
            paginator = _client(api, integration).get_paginator("list_objects_v2")
            for page in paginator.paginate(Bucket=at.repo, Prefix=prefix):
                api.deadline.check(api.about)
                for item in page.get("Contents", []):
                    yield StoredObject(item["Key"], item["Size"], item["ETag"], item["LastModified"])

    @contextmanager
    def open(
        self, api: HostApi, integration: AwsS3Integration, at: RepositoryUrl, name: str
    ) -> Iterator[Iterator[bytes]]:
        """Open an object."""
        with integration.translated_errors(api.about):
            found = _client(api, integration).get_object(Bucket=at.repo, Key=name)
            with found["Body"] as body:
                yield http_client.limited(
                    iter(lambda: body.read(BLOCK), b""),
                    api.about,
                    length=found["ContentLength"],
                    max_bytes=MAX_BYTES,
                    deadline=api.deadline,
                )


def _client(api: HostApi, integration: AwsS3Integration) -> Any:
    return integration.client(integration.locate(api.about).region)
