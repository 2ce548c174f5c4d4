"""The reader of Amazon S3, and of stores that speak its protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from portal import http_client
from portal.errors import ConfigError, InputError, NotFoundError, NotModifiedError, PortalError, ServiceUnavailableError
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
        with _translated_errors(api, integration):
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
        with _translated_errors(api, integration):
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
        with _translated_errors(api, integration):
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


@contextmanager
def _translated_errors(api: HostApi, integration: AwsS3Integration) -> Iterator[None]:
    """Turn botocore's errors into the portal's."""
    try:
        from botocore import exceptions
    except ImportError as error:
        raise ConfigError(
            f"{api.about} can't be read: {integration.key} needs the package botocore. Install greenroom[s3].",
            cause=error,
        ) from error
    try:
        yield
    except exceptions.ClientError as error:
        raise _refusal(api, integration, error.response) from error
    except exceptions.NoCredentialsError as error:
        raise InputError(
            f"{api.about} can't be read: there are no credentials for it. {integration.advice()} Those that AWS's "
            f"programs use will do as well."
        ) from error
    except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
        raise ServiceUnavailableError(f"{api.about} can't be reached: {error}", cause=error) from error
    except exceptions.BotoCoreError as error:
        raise InputError(f"{api.about} can't be read: {error}", cause=error) from error


def _refusal(api: HostApi, integration: AwsS3Integration, response: dict[str, Any]) -> PortalError:
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    said = f"{response['Error'].get('Code', status)}: {response['Error'].get('Message', '')}".rstrip(": ")
    if status == 304:
        return NotModifiedError(f"{api.about} is unchanged.")
    if status == 404:
        return NotFoundError(f"There is nothing at {api.about} ({said}).")
    if status >= 500 or status == 429:
        return ServiceUnavailableError(f"{api.about} can't be read now: {integration.host} answered {said}.")
    if status in {401, 403} and not integration.access_key_id:
        return InputError(f"{api.about} can't be read: {integration.host} answered {said}. {integration.advice()}")
    return InputError(f"{api.about} can't be read with the credentials of {integration.key}: {said}.")
