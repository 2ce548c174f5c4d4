"""Amazon S3, and stores that speak its protocol."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from portal import http_client
from portal.config import Config
from portal.errors import InputError
from portal.integrations.aws import AwsIntegration
from portal.integrations.aws_sessions import DEFAULT_REGION
from portal.integrations.base import base_url
from portal.integrations.urls import RepositoryUrl, decoded, encoded, host_of, origin_of, split_url

#: ``bucket.s3.eu-west-1.amazonaws.com``, ``s3.amazonaws.com/bucket``, and the same behind a VPC's endpoint.
_AMAZON = re.compile(
    r"(?:(?P<bucket>[a-z0-9.-]+)\.)?s3(?:[.-](?P<region>[a-z0-9-]+))?\.amazonaws\.com(?:\.cn)?"
    r"|(?P<vpc_bucket>[a-z0-9.-]+)\.bucket\.vpce-[a-z0-9-]+\.s3[.-](?P<vpc_region>[a-z0-9-]+)"
    r"\.vpce\.amazonaws\.com(?:\.cn)?"
)
_OF_AMAZON = re.compile(r"(?:^|\.)amazonaws\.com(?:\.cn)?$")


class S3Url(NamedTuple):
    """What a URL points at: an object, or whatever has ``key`` at its start."""

    bucket: str
    key: str
    region: str


class AwsS3Integration(AwsIntegration):
    """``integrations.awsS3[]``: ``endpoint, s3ForcePathStyle``, and an AWS service's credentials."""

    type = "awsS3"
    product = "Amazon S3"
    public_host = "amazonaws.com"
    service = "s3"

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        self.endpoint = base_url(entry, "endpoint", "") if entry.has("endpoint") else None
        if self.endpoint and urlsplit(self.endpoint).path:
            raise entry.error("endpoint", "must not have a path: buckets follow the host.")
        super().__init__(entry, key, transport=transport)
        self.force_path_style = entry.get_bool("s3ForcePathStyle", False)

    def read_host(self, entry: Config) -> str:
        """Return the endpoint's host."""
        return host_of(self.endpoint) if self.endpoint else self.public_host

    def serves(self, url: str) -> bool:
        """Tell whether a URL is on the host, or on one of a bucket or region in front of it."""
        return f".{host_of(url)}".endswith(f".{self.host}")

    # URLs

    def locate(self, url: str) -> S3Url:
        """Return the bucket, key and region of a URL. Raises ``InputError`` if it has none."""
        path = decoded(split_url(url).path, url).lstrip("/")
        bucket, region = self._from_host(host_of(url), url)
        if self.force_path_style or not bucket:
            bucket, slash, path = path.partition("/")
            if not (bucket and slash):
                raise self._not_s3(url)
        return S3Url(bucket, path, region or DEFAULT_REGION)

    def parse(self, url: str) -> RepositoryUrl:
        """Return what a URL points at: the repository is the bucket, the path the key."""
        found = self.locate(url)
        return RepositoryUrl(host_of(url), "", found.bucket, "", found.key)

    def root_of(self, url: str) -> str:
        """Return the bucket's part of the path, which is empty if the host names the bucket."""
        own = self.locate(url)
        in_path = decoded(split_url(url).path, url).lstrip("/") == f"{own.bucket}/{own.key}"
        return f"/{own.bucket}" if in_path else ""

    def file_url(self, base: str, path: str) -> str:
        """Return the URL of another object of the bucket, written the same way."""
        return f"{origin_of(base)}{self.root_of(base)}/{encoded(path)}"

    def _from_host(self, host: str, url: str) -> tuple[str, str]:
        if not _OF_AMAZON.search(self.host):
            return host.removesuffix(self.host).rstrip("."), ""
        match = _AMAZON.fullmatch(host)
        if match is None or (match["vpc_bucket"] and self.force_path_style):
            raise self._not_s3(url)
        return match["bucket"] or match["vpc_bucket"] or "", match["region"] or match["vpc_region"] or ""

    def _not_s3(self, url: str) -> InputError:
        host = self.host if self.endpoint else f"s3.<region>.{self.host}"
        return self.malformed(url, f"https://<bucket>.{host}/<path> or https://{host}/<bucket>/<path>")

    # Credentials

    def _settings(self) -> dict[str, Any]:
        return {"s3": {"addressing_style": "path" if self.force_path_style else "auto"}}
